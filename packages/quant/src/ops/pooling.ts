/** Dense pooling: a 1-D one is a 2-D one on an image of height 1. */
import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields, Pads } from '../graph/node.ts';
import { expandRanges, hull, type Interval, isZero, largest, max, rangesOf, times, withZero } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { leastCommonMultiple } from '../numeric/integers.ts';
import { windowCount, windowSpans } from '../numeric/window-axis.ts';
import { checkInteger, checkRank, checkShape } from './checks.ts';
import type { Inferred, OpDefinition, Runner } from './definition.ts';
import { pair, poolMode } from './form.ts';
import { type Alignment, alignCodes, asNumbers, constants } from './linear.ts';
import { splitArea } from './sparse-pool-2d.ts';

/**
 * Pooling windows over `[L, C]`. 'max': largest value in the window, padding left out. 'avg': the sum divided by the number of pixels
 * in the window, padding not counted unless `countPads`; the common denominator of all windows goes into `f` and `divisor`.
 */
export interface Pool1dNode extends NodeFields {
  readonly op: 'pool1d';
  readonly mode: 'avg' | 'max';
  readonly pool: number;
  readonly stride: number;
  readonly pads: Pads;
  readonly countPads: boolean;
}

/** The same over `[H, W, C]`. */
export interface Pool2dNode extends NodeFields {
  readonly op: 'pool2d';
  readonly mode: 'avg' | 'max';
  readonly pool: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [Pads, Pads];
  readonly countPads: boolean;
}

/** Pooling in two dimensions. */
export const pool2dOp: OpDefinition<Pool2dNode> = {
  form: {
    mode: poolMode,
    pool: pair,
    strides: pair,
    pads: v.strictTuple([pair, pair]),
    countPads: v.boolean(),
  },
  arity: 1,
  allowsDivisor: true,
  movesCodes: ({ mode }) => mode === 'max',
  takes: 'dense',
  infer(node, [x]) {
    checkRank(node.name, x.shape, 3, 'an image [H, W, C]');
    return infer(node, x);
  },
  prepare: (node, [x], own, wide) => run(node, x.inferred, own, infer(node, x.inferred), wide),
};

/** Pooling in one dimension. */
export const pool1dOp: OpDefinition<Pool1dNode> = {
  form: {
    mode: poolMode,
    pool: v.number(),
    stride: v.number(),
    pads: pair,
    countPads: v.boolean(),
  },
  arity: 1,
  allowsDivisor: true,
  movesCodes: ({ mode }) => mode === 'max',
  takes: 'dense',
  infer(node, [x]) {
    checkRank(node.name, x.shape, 2, 'a sequence [L, C]');
    const image = infer(flat(node), imageOf(x));
    return { ...image, shape: image.shape.slice(1), ranges: { ...image.ranges, shape: image.ranges.shape.slice(1) } };
  },
  prepare: (node, [x], own, wide) => {
    const image = imageOf(x.inferred);
    return run(flat(node), image, own, infer(flat(node), image), wide);
  },
};

function flat({ pool, stride, pads, ...rest }: Pool1dNode): Pool2dNode {
  return { ...rest, op: 'pool2d', pool: [1, pool], strides: [1, stride], pads: [[0, 0], pads] };
}

function imageOf(x: Inferred): Inferred {
  return { ...x, shape: [1, ...x.shape], ranges: { ...x.ranges, shape: [1, ...x.ranges.shape] } };
}

function infer(node: Pool2dNode, x: Inferred): Inferred {
  const { name, mode, pool, strides, pads } = node;
  if (mode !== 'avg' && mode !== 'max') throw new GraphError(name, `mode is ${mode}`, 'use avg or max');
  for (const size of pool) checkInteger(name, 'pool', size, 1);
  for (const stride of strides) checkInteger(name, 'stride', stride, 1);
  for (const pad of pads.flat()) checkInteger(name, 'pad', pad, 0);
  if (pads.some((pad, d) => pad[0] >= pool[d] || pad[1] >= pool[d])) {
    throw new GraphError(
      name,
      `pads [${pads}] for windows [${pool}]`,
      'pad less than a window, or windows can be empty',
    );
  }
  const [height, width, channels] = x.shape;
  const outHeight = windowCount(height, pool[0], strides[0], pads[0], 1);
  const outWidth = windowCount(width, pool[1], strides[1], pads[1], 1);
  if (!(outHeight > 0 && outWidth > 0)) {
    throw new GraphError(
      name,
      `windows [${pool}] do not fit on ${height} × ${width}`,
      'pad more or use smaller windows',
    );
  }
  const shape = [outHeight, outWidth, channels];
  checkShape(name, shape);
  const hulls = channelHulls(x);
  if (mode === 'max') {
    const ranges = rangesOf([1, 1, channels], hulls);
    return { shape, divisor: x.divisor, ranges, bound: largest(ranges) };
  }
  const { denominator } = divisorsOf(node, x.shape);
  const { shift, odd } = splitArea(denominator);
  const divisor = x.divisor * odd;
  if (!Number.isSafeInteger(divisor) || divisor > 2 ** 40) {
    throw new GraphError(name, `the divisor grows to ${divisor}`, 'put a requantize between the poolings');
  }
  // With all weights equal to denominator / count, a window of `count` values sums to at most `denominator` times one.
  const counted = node.countPads ? hulls.map(withZero) : hulls;
  const ranges = rangesOf(
    [1, 1, channels],
    counted.map((interval) => ({ ...times(interval, BigInt(denominator)), f: interval.f + shift })),
  );
  return { shape, divisor, ranges, bound: max(largest(ranges), largest(rangesOf([1, 1, channels], hulls))) };
}

/** The number every window's sum is divided by, and the common denominator of all of them. */
function divisorsOf(
  { pool, strides, pads, countPads }: Pool2dNode,
  shape: readonly number[],
): { rows: number[]; cols: number[]; denominator: number } {
  const counts = (d: 0 | 1): number[] =>
    windowSpans(shape[d], pool[d], strides[d], pads[d]).map(({ count }) => (countPads ? pool[d] : count));
  const [rows, cols] = [counts(0), counts(1)];
  return { rows, cols, denominator: rows.reduce(leastCommonMultiple, 1) * cols.reduce(leastCommonMultiple, 1) };
}

function run(node: Pool2dNode, x: Inferred, own: Inferred, image: Inferred, wide: boolean): Runner {
  const [, , channels] = x.shape;
  const { pool, strides, pads, mode } = node;
  const rowSpans = windowSpans(x.shape[0], pool[0], strides[0], pads[0]);
  const colSpans = windowSpans(x.shape[1], pool[1], strides[1], pads[1]);
  const { rows, cols, denominator } = divisorsOf(node, x.shape);
  const weights = constants(
    rows.flatMap((row) => cols.map((col) => (mode === 'avg' ? BigInt(denominator / (row * col)) : 1n))),
    wide,
  );
  const fs = channelHulls(x).map(({ f }) => f);
  const elements = expandRanges(x.ranges, x.shape);
  const shifts = elements.map((interval, j) => (isZero(interval) ? 0 : fs[j % channels] - interval.f));
  const align: Alignment = { f: 0, shifts, trivial: shifts.every((shift) => shift === 0) };
  const inSize = x.shape[0] * x.shape[1] * channels;
  const outSize = image.shape[0] * image.shape[1] * channels;
  return ([value], { batch }) => {
    const from = asNumbers(alignCodes(value.codes, align));
    const codes = allocateCodes(batch * outSize, wide);
    const to = asNumbers(codes);
    for (let b = 0; b < batch; b++) {
      for (const [oy, row] of rowSpans.entries()) {
        for (const [ox, col] of colSpans.entries()) {
          const window = oy * colSpans.length + ox;
          const out = b * outSize + window * channels;
          for (let c = 0; c < channels; c++) {
            let result = from[b * inSize + (row.from * x.shape[1] + col.from) * channels + c];
            for (let y = row.from; y < row.from + row.count; y++) {
              for (let at = col.from; at < col.from + col.count; at++) {
                if (y === row.from && at === col.from) continue;
                const code = from[b * inSize + (y * x.shape[1] + at) * channels + c];
                if (mode === 'avg') result += code;
                else if (code > result) result = code;
              }
            }
            to[out + c] = result * weights[window];
          }
        }
      }
    }
    return { value: { kind: 'dense', batch, shape: own.shape, codes }, overflow: 0 };
  };
}

/** One interval per channel that holds all pixels. */
function channelHulls({ shape, ranges }: Inferred): Interval[] {
  const groups: Interval[][] = Array.from({ length: shape[2] }, () => []);
  expandRanges(ranges, [ranges.shape[0], ranges.shape[1], shape[2]]).forEach((interval, j) => {
    groups[j % shape[2]].push(interval);
  });
  return groups.map(hull);
}
