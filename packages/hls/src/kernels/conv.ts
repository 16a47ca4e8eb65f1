import type { GraphNode, Weights } from '@sp/quant';
import type { Conv1dNode, Conv2dNode, Pads } from '@sp/quant/internal';
import { memory, type NodeCost } from '../estimate/cost.ts';
import { listValidReuseFactors } from '../plan/factors.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import {
  adderDecisions,
  automaticMatrix,
  decideMatrix,
  describeMatrix,
  distributedCost,
  MATRIX_OPTIONS,
  type MatrixDecisions,
  matrixCost,
  reuses,
} from './matrix.ts';
import { liveMultipliers, type MatrixSource, matrixCode } from './matrix-code.ts';
import { pixelFactor, pixelFactors } from './parallel.ts';
import { inputRanges, type ProductGraph, productGraph, requireShareable } from './product.ts';
import { windowRhythm } from './window-rhythm.ts';

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
    loops: ({ node }, decisions) => reuses(decisions) || pixelsOf(imageOf(node)) > decisions.parallelizationFactor,

    factors(context) {
      const conv = imageOf(context.node);
      const { inputs, outputs } = matrixOf(conv);
      const reuseFactor = listValidReuseFactors(inputs, outputs);
      return { reuseFactor, ...pixelFactors(context, pixelsOf(conv)) };
    },

    decide(context, options) {
      const { node } = context;
      const conv = imageOf(node);
      const where = `node "${node.name}"`;
      const { inputs, outputs } = matrixOf(conv);
      const decided = {
        ...decideMatrix(where, options, inputs, outputs),
        parallelizationFactor: pixelFactor(context, options, pixelsOf(conv), 1),
      };
      if (decided.strategy === 'distributed_arithmetic') {
        requireShareable(where, options.origin('strategy'), conv.kernel);
        return { ...decided, ...adderDecisions(productOf(conv, context.inputs[0])) };
      }
      if (decided.strategy === 'latency') {
        const copies = decided.parallelizationFactor;
        const automatic = automaticMatrix(decided, options, conv.kernel, [inputs, outputs], context.backend, {
          product: () => productOf(conv, context.inputs[0]),
          latency: () => matrixCost(conv.kernel, context.inputs[0].type, context.type, inputs, decided, copies),
          copies,
        });
        return { ...automatic, parallelizationFactor: copies };
      }
      if (decided.strategy !== 'resource_unrolled') return decided;
      return { ...decided, multipliers: liveMultipliers(sourceOf(context, conv, decided)).length * conv.groups };
    },

    emit(context, decisions) {
      const { node, id } = context;
      const conv = imageOf(node);
      const source = sourceOf(context, conv, decisions);
      const { constants, functions, config, variant, operands } = matrixCode(source);
      const [height, width, channels] = imageShape(context.inputs[0]);
      const [kh, kw] = conv.kernel.shape;
      return {
        header: 'sp_conv2d.h',
        constants,
        functions,
        config: [
          `struct ${id}_config {`,
          `  static const int height = ${height}, width = ${width}, channels = ${channels}, groups = ${source.groups};`,
          `  static const int kernel_height = ${kh}, kernel_width = ${kw};`,
          `  static const int stride_row = ${conv.strides[0]}, stride_col = ${conv.strides[1]};`,
          `  static const int dilation_row = ${conv.dilation[0]}, dilation_col = ${conv.dilation[1]};`,
          `  static const int pad_top = ${conv.pads[0][0]}, pad_left = ${conv.pads[1][0]};`,
          `  static const int out_height = ${conv.shape[0]}, out_width = ${conv.shape[1]};`,
          `  static const int inputs = ${source.inputs}, outputs = ${source.outputs};`,
          `  static const int pixel_parallel = ${decisions.parallelizationFactor};`,
          ...config,
          ...(context.ioType === 'io_stream' ? windowLines(conv.pads, spanOf(conv)) : []),
          '};',
        ],
        call: ([x], y) => [`sp::conv2d_${variant}<${id}_config>(${x}${operands}, ${y});`],
        streamHeader: 'sp_conv2d_stream.h',
        stream: ([x], y) => [`sp::conv2d_${variant}_stream<${id}_config>(${x}${operands}, ${y});`],
      };
    },

    streams: () => true,
    rhythm: ({ node, inputs }) => {
      const conv = imageOf(node);
      const [height, width] = imageShape(inputs[0]);
      return windowRhythm([height, width], conv.pads, spanOf(conv), conv.strides, [conv.shape[0], conv.shape[1]]);
    },

    cost(context, decisions): NodeCost {
      const conv = imageOf(context.node);
      const { inputs } = matrixOf(conv);
      const copies = decisions.parallelizationFactor;
      const [x] = context.inputs;
      const { depth, ...area } =
        decisions.strategy === 'distributed_arithmetic'
          ? distributedCost(productOf(conv, x), copies)
          : matrixCost(conv.kernel, x.type, context.type, inputs, decisions, copies);
      if (context.ioType === 'io_stream') {
        const passed = paddedPixels(context.inputs[0], conv.pads);
        const cycles = reuses(decisions)
          ? passed + pixelsOf(conv) * conv.groups * (decisions.reuseFactor + depth)
          : passed * decisions.reuseFactor;
        return {
          latency: cycles + depth,
          interval: cycles,
          ...withLines(area, x, conv.pads, spanOf(conv)),
        };
      }
      const steps = pixelsOf(conv) / decisions.parallelizationFactor;
      // The resource strategy starts a group of pixels when the one before is done, the latency strategy every reuseFactor cycles.
      const cycles = reuses(decisions) ? steps * (decisions.reuseFactor + depth) : steps * decisions.reuseFactor;
      return {
        latency: reuses(decisions) ? cycles : depth + cycles - 1,
        interval: cycles,
        ...area,
      };
    },

    describe: ({ node }, decisions) => {
      const conv = imageOf(node);
      const [kh, kw] = conv.kernel.shape;
      const groups = conv.groups === 1 ? '' : ` in ${conv.groups} groups`;
      return `conv ${kh} x ${kw}, ${conv.shape[2]} filters${groups} (${describeMatrix(decisions)}, ${decisions.parallelizationFactor} of ${pixelsOf(conv)} pixels at once)`;
    },
  };
}

/** Shape of an image, or of a sequence as an image of height 1. */
export function imageShape({ node }: NodeContext): readonly [number, number, number] {
  const [a, b, c] = node.shape;
  return c === undefined ? [1, a, b] : [a, b, c];
}

/** Lines of a config struct for `sp::line_buffer`. */
export function windowLines(pads: readonly [Pads, Pads], [height, width]: readonly [number, number]): string[] {
  return [
    `  static const int pad_bottom = ${pads[0][1]}, pad_right = ${pads[1][1]};`,
    `  static const int window_height = ${height}, window_width = ${width};`,
  ];
}

/** Pixels of an image with its padding: one passes per clock. */
export function paddedPixels(x: NodeContext, pads: readonly [Pads, Pads]): number {
  const [height, width] = imageShape(x);
  return (height + pads[0][0] + pads[0][1]) * (width + pads[1][0] + pads[1][1]);
}

/** The area of a streaming window with the rows that it keeps, a memory each, and its pixels, which are registers. */
export function withLines<A extends { readonly lut: number; readonly bram?: number }>(
  area: A,
  x: NodeContext,
  pads: readonly [Pads, Pads],
  [rows, cols]: readonly [number, number],
): A & { lut: number; bram: number; registers: number } {
  const [, width, channels] = imageShape(x);
  const { lut, bram } = memory(width + pads[1][0] + pads[1][1], channels * x.type.width);
  const registers = rows * cols * channels * x.type.width;
  return { ...area, lut: area.lut + rows * lut, bram: (area.bram ?? 0) + rows * bram, registers };
}

/** Size of the window that a kernel with its dilation covers. */
function spanOf({ kernel, dilation }: Conv2dNode): readonly [number, number] {
  return [(kernel.shape[0] - 1) * dilation[0] + 1, (kernel.shape[1] - 1) * dilation[1] + 1];
}

function pixelsOf({ shape }: Conv2dNode): number {
  return shape[0] * shape[1];
}

/** The matrix of one group: its window by its filters. */
function matrixOf({ kernel, groups }: Conv2dNode): { inputs: number; outputs: number } {
  const [kh, kw, channels, filters] = kernel.shape;
  return { inputs: kh * kw * channels, outputs: filters / groups };
}

/** The kernel as one matrix over all channels, with zeros where a filter's group does not look. */
function ungrouped({ kernel, groups }: Conv2dNode): { kernel: Weights } {
  if (groups === 1) return { kernel };
  const [kh, kw, perGroup, filters] = kernel.shape;
  const channels = perGroup * groups;
  const codes = new Array<number>(kh * kw * channels * filters).fill(0);
  kernel.codes.forEach((code, p) => {
    const filter = p % filters;
    const channel = Math.floor(p / filters) % perGroup;
    const tap = Math.floor(p / filters / perGroup);
    const group = Math.floor(filter / (filters / groups));
    codes[(tap * channels + group * perGroup + channel) * filters + filter] = code;
  });
  return { kernel: { shape: [kh, kw, channels, filters], codes, f: kernel.f } };
}

function productOf(conv: Conv2dNode, x: NodeContext): ProductGraph {
  const { kernel } = ungrouped(conv);
  const [kh, kw, channels, filters] = kernel.shape;
  const padded = conv.pads.flat().some((pad) => pad > 0);
  return productGraph(conv.kernel, kernel.codes, filters, inputRanges(x, kh * kw * channels, channels, padded));
}

function sourceOf(context: NodeContext, conv: Conv2dNode, decisions: ConvDecisions): MatrixSource {
  const { id, inputs: sources, type } = context;
  // Adder graphs know which weights are 0, so groups are just zeros in one matrix.
  const distributed = decisions.strategy === 'distributed_arithmetic';
  const whole = distributed ? { ...conv, ...ungrouped(conv), groups: 1 } : conv;
  const { inputs, outputs } = matrixOf(whole);
  return {
    id,
    name: context.node.name,
    kernel: whole.kernel,
    bias: conv.bias,
    order: matrixOrder(whole),
    groups: whole.groups,
    inputs,
    outputs,
    decisions,
    copies: decisions.parallelizationFactor,
    x: sources[0].type,
    y: type,
    product: () => productOf(conv, sources[0]),
  };
}

/** Places of the kernel's codes, `[kh, kw, C / groups, F]`, in the order group, input, output. */
function matrixOrder(conv: Conv2dNode): number[] {
  const { inputs, outputs } = matrixOf(conv);
  const filters = conv.kernel.shape[3];
  return Array.from({ length: conv.groups * inputs * outputs }, (_, place) => {
    const group = Math.floor(place / (inputs * outputs));
    const input = Math.floor(place / outputs) % inputs;
    return input * filters + group * outputs + (place % outputs);
  });
}
