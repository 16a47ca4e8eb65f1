import type { Conv1dNode, Conv2dNode, GraphNode, Pads } from '@sp/quant';
import type { NodeCost } from '../estimate/cost.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { decideMatrix, MATRIX_OPTIONS, type MatrixDecisions, matrixCost, multiplierLimit } from './matrix.ts';
import { parallelFactor } from './parallel.ts';
import { biasArray, weightArray } from './weights.ts';

interface ConvDecisions extends MatrixDecisions {
  /** Output pixels computed side by side. */
  readonly parallelizationFactor: number;
}

/** Convolution of a dense image. */
export const conv2dKernel: Kernel<Conv2dNode, ConvDecisions> = convKernel('conv2d', (node) => node);

/** Convolution of a dense sequence: an image of height 1. */
export const conv1dKernel: Kernel<Conv1dNode, ConvDecisions> = convKernel(
  'conv1d',
  ({ stride, pads, dilation, kernel, ...rest }) => ({
    ...rest,
    op: 'conv2d',
    shape: [1, ...rest.shape],
    kernel: { ...kernel, shape: [1, ...kernel.shape] },
    strides: [1, stride],
    pads: [NO_PADS, pads],
    dilation: [1, dilation],
  }),
);

const NO_PADS: Pads = [0, 0];

function convKernel<N extends GraphNode>(op: N['op'], imageOf: (node: N) => Conv2dNode): Kernel<N, ConvDecisions> {
  return {
    op,
    options: [...MATRIX_OPTIONS, 'parallelizationFactor'],
    loops: ({ node }, { strategy, reuseFactor, parallelizationFactor }) =>
      (strategy === 'resource' && reuseFactor > 1) || pixelsOf(imageOf(node)) > parallelizationFactor,

    decide({ node }, options) {
      const conv = imageOf(node);
      const where = `node "${node.name}"`;
      const { inputs, outputs } = matrixOf(conv);
      return {
        ...decideMatrix(where, options, inputs, outputs),
        parallelizationFactor: parallelFactor(
          where,
          options,
          ['parallelizationFactor'],
          pixelsOf(conv),
          'output pixels',
          1,
        ),
      };
    },

    emit(context, { strategy, reuseFactor, parallelizationFactor }) {
      const { node, id } = context;
      const conv = imageOf(node);
      const { inputs, outputs } = matrixOf(conv);
      const [height, width, channels] = imageShape(context.inputs[0]);
      const [kh, kw] = conv.kernel.shape;
      return {
        header: 'sp_conv2d.h',
        constants: [
          weightArray(
            `${id}_kernel`,
            conv.kernel,
            `kernel of "${node.name}", one matrix [${strategy === 'latency' ? 'input, output' : 'output, input'}] per group`,
            matrixOrder(conv, strategy),
          ),
          biasArray(`${id}_bias`, conv.bias, conv.groups * outputs, node.name),
        ],
        config: [
          `// "${node.name}"`,
          `struct ${id}_config {`,
          `  static const int height = ${height}, width = ${width}, channels = ${channels}, groups = ${conv.groups};`,
          `  static const int kernel_height = ${kh}, kernel_width = ${kw};`,
          `  static const int stride_row = ${conv.strides[0]}, stride_col = ${conv.strides[1]};`,
          `  static const int dilation_row = ${conv.dilation[0]}, dilation_col = ${conv.dilation[1]};`,
          `  static const int pad_top = ${conv.pads[0][0]}, pad_left = ${conv.pads[1][0]};`,
          `  static const int out_height = ${conv.shape[0]}, out_width = ${conv.shape[1]};`,
          `  static const int inputs = ${inputs}, outputs = ${outputs};`,
          `  static const int pixel_parallel = ${parallelizationFactor}, reuse_factor = ${reuseFactor};`,
          `  static const int multiplier_limit = ${multiplierLimit(conv.kernel.codes, reuseFactor) * parallelizationFactor};`,
          '};',
        ],
        call: ([x], y) => [`sp::conv2d_${strategy}<${id}_config>(${x}, ${id}_kernel, ${id}_bias, ${y});`],
      };
    },

    cost(context, decisions): NodeCost {
      const conv = imageOf(context.node);
      const { inputs } = matrixOf(conv);
      const { depth, ...area } = matrixCost(
        conv.kernel,
        context.inputs[0].type,
        context.type,
        inputs,
        decisions,
        decisions.parallelizationFactor,
      );
      const steps = pixelsOf(conv) / decisions.parallelizationFactor;
      // The resource strategy starts a group of pixels when the one before is done, the latency strategy every reuseFactor cycles.
      const cycles =
        decisions.strategy === 'latency' ? steps * decisions.reuseFactor : steps * (decisions.reuseFactor + depth);
      return {
        latency: decisions.strategy === 'latency' ? depth + cycles - 1 : cycles,
        interval: cycles,
        ...area,
      };
    },

    describe: ({ node }, { strategy, reuseFactor, parallelizationFactor }) => {
      const conv = imageOf(node);
      const [kh, kw] = conv.kernel.shape;
      const groups = conv.groups === 1 ? '' : ` in ${conv.groups} groups`;
      return `conv ${kh} x ${kw}, ${conv.shape[2]} filters${groups} (${strategy}, reuse factor ${reuseFactor}, ${parallelizationFactor} of ${pixelsOf(conv)} pixels at once)`;
    },
  };
}

/** Shape of an image, or of a sequence as an image of height 1. */
export function imageShape({ node }: NodeContext): readonly [number, number, number] {
  const [a, b, c] = node.shape;
  return c === undefined ? [1, a, b] : [a, b, c];
}

function pixelsOf({ shape }: Conv2dNode): number {
  return shape[0] * shape[1];
}

/** The matrix of one group: its window by its filters. */
function matrixOf({ kernel, groups }: Conv2dNode): { inputs: number; outputs: number } {
  const [kh, kw, channels, filters] = kernel.shape;
  return { inputs: kh * kw * channels, outputs: filters / groups };
}

/** Places of the kernel's codes, `[kh, kw, C / groups, F]`, in the order of the matrices. */
function matrixOrder(conv: Conv2dNode, strategy: 'latency' | 'resource'): number[] {
  const { inputs, outputs } = matrixOf(conv);
  const filters = conv.kernel.shape[3];
  const order: number[] = [];
  for (let g = 0; g < conv.groups; g++) {
    for (let p = 0; p < inputs * outputs; p++) {
      const [input, output] =
        strategy === 'latency' ? [Math.floor(p / outputs), p % outputs] : [p % inputs, Math.floor(p / inputs)];
      order.push(input * filters + g * outputs + output);
    }
  }
  return order;
}
