import type { GraphNode } from '@sp/quant';
import type { Pads, Pool1dNode, Pool2dNode } from '@sp/quant/internal';
import { leastCommonMultiple, powerOfTwoIn, windowSpans } from '@sp/quant/numeric';
import { levels, type NodeCost } from '../estimate/cost.ts';
import { type FixedType, printCpp } from '../plan/fixed-type.ts';
import { imageShape, paddedPixels, windowLines, withLines } from './conv.ts';
import type { Kernel } from './kernel.ts';
import { pixelFactor, pixelFactors } from './parallel.ts';
import { codeArray, codedAt } from './weights.ts';
import { windowRhythm } from './window-rhythm.ts';

interface PoolDecisions extends Readonly<Record<string, number>> {
  /** Output pixels computed side by side. */
  readonly parallelizationFactor: number;
}

/** Pooling of a dense image. */
export const pool2dKernel: Kernel<Pool2dNode, PoolDecisions> = poolKernel('pool2d', (node) => node);

/** Pooling of a dense sequence: an image of height 1. */
export const pool1dKernel: Kernel<Pool1dNode, PoolDecisions> = poolKernel(
  'pool1d',
  ({ pool, stride, pads, ...rest }) => ({
    ...rest,
    op: 'pool2d',
    shape: [1, ...rest.shape],
    pool: [1, pool],
    strides: [1, stride],
    pads: [NO_PADS, pads],
  }),
);

const NO_PADS: Pads = [0, 0];

function poolKernel<N extends GraphNode>(op: N['op'], imageOf: (node: N) => Pool2dNode): Kernel<N, PoolDecisions> {
  return {
    op,
    options: ['parallelizationFactor'],
    loops: ({ node }, { parallelizationFactor }) => pixelsOf(imageOf(node)) > parallelizationFactor,

    factors: (context) => pixelFactors(context, pixelsOf(imageOf(context.node))),

    decide: (context, options) => {
      const pixels = pixelsOf(imageOf(context.node));
      return { parallelizationFactor: pixelFactor(context, options, pixels, pixels) };
    },

    emit(context, { parallelizationFactor }) {
      const { node, id, inputs, type } = context;
      const pool = imageOf(node);
      const [height, width, channels] = imageShape(inputs[0]);
      const { weights, shift } = windowWeights(pool, height, width);
      const average = pool.mode === 'avg';
      const sum: FixedType = average ? { ...type, int: type.int + shift } : inputs[0].type;
      const uniform = weights.every((weight) => weight === 1);
      const counts = { signed: false, width: bits(weights), int: bits(weights) };
      const factors = codeArray(
        `${id}_weight`,
        weights,
        counts,
        `windows of "${node.name}": common denominator / number of pixels`,
      );
      const finish = !average
        ? ['  template <class Y> static Y finish(const sum_t &max, int) { return Y(max); }']
        : uniform
          ? ['  template <class Y> static Y finish(const sum_t &sum, int) { return sp::same_bits<Y>(sum); }']
          : [
              '  template <class Y> static Y finish(const sum_t &sum, int window) {',
              `    return sp::same_bits<Y>(sum_t(sum * ${codedAt(factors, 'window')}));`,
              '  }',
            ];
      return {
        header: 'sp_pool2d.h',
        constants: average && !uniform ? [factors] : [],
        config: [
          `struct ${id}_config : sp::join_${average ? 'sum' : 'max'}<${printCpp(sum)} > {`,
          `  static const int height = ${height}, width = ${width}, channels = ${channels};`,
          `  static const int pool_height = ${pool.pool[0]}, pool_width = ${pool.pool[1]};`,
          `  static const int stride_row = ${pool.strides[0]}, stride_col = ${pool.strides[1]};`,
          `  static const int pad_top = ${pool.pads[0][0]}, pad_left = ${pool.pads[1][0]};`,
          `  static const int out_height = ${pool.shape[0]}, out_width = ${pool.shape[1]};`,
          `  static const int pixel_parallel = ${parallelizationFactor};`,
          ...(context.ioType === 'io_stream' ? windowLines(pool.pads, pool.pool) : []),
          ...finish,
          '};',
        ],
        call: ([x], y) => [`sp::pool2d<${id}_config>(${x}, ${y});`],
        streamHeader: 'sp_conv2d_stream.h',
        stream: ([x], y) => [`sp::pool2d_stream<${id}_config>(${x}, ${y});`],
      };
    },
    streams: () => true,
    rhythm: ({ node, inputs }) => {
      const pool = imageOf(node);
      const [height, width] = imageShape(inputs[0]);
      return windowRhythm([height, width], pool.pads, pool.pool, pool.strides, [pool.shape[0], pool.shape[1]]);
    },

    cost({ node, type, inputs, ioType }, { parallelizationFactor }): NodeCost {
      const pool = imageOf(node);
      const area = pool.pool[0] * pool.pool[1];
      const steps =
        ioType === 'io_stream' ? paddedPixels(inputs[0], pool.pads) : pixelsOf(pool) / parallelizationFactor;
      const cost = {
        latency: Math.ceil(levels(area) / 3) + steps,
        interval: steps,
        multipliers: 0,
        lut: parallelizationFactor * pool.shape[2] * (area - 1) * type.width,
        dsp: 0,
      };
      return ioType === 'io_stream' ? withLines(cost, inputs[0], pool.pads, pool.pool) : cost;
    },

    describe: ({ node }, { parallelizationFactor }) => {
      const pool = imageOf(node);
      return `${pool.mode} pool ${pool.pool[0]} x ${pool.pool[1]} (${parallelizationFactor} of ${pixelsOf(pool)} pixels at once)`;
    },
  };
}

function pixelsOf({ shape }: Pool2dNode): number {
  return shape[0] * shape[1];
}

function bits(weights: readonly number[]): number {
  return Math.max(...weights).toString(2).length;
}

/**
 * By what each window's sum is multiplied so that all windows share one denominator, and the power of two in it, which is the result's binary
 * point (the rest is the node's divisor).
 */
function windowWeights(
  { pool, strides, pads, countPads }: Pool2dNode,
  height: number,
  width: number,
): { weights: number[]; shift: number } {
  const counts = (d: 0 | 1, length: number): number[] =>
    windowSpans(length, pool[d], strides[d], pads[d]).map(({ count }) => (countPads ? pool[d] : count));
  const rows = counts(0, height);
  const cols = counts(1, width);
  const denominator = rows.reduce(leastCommonMultiple, 1) * cols.reduce(leastCommonMultiple, 1);
  return {
    weights: rows.flatMap((row) => cols.map((col) => denominator / (row * col))),
    shift: powerOfTwoIn(denominator),
  };
}
