import * as v from 'valibot';
import { sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import {
  aligned,
  commonF,
  expandRanges,
  type Interval,
  isZero,
  magnitude,
  max,
  min,
  rangeAt,
  rangesOf,
  times,
} from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { mapPositions, stridesOf } from '../numeric/positions.ts';
import type { Form, Inferred, OpDefinition } from './definition.ts';
import { numbers } from './form.ts';
import { asNumbers, constants } from './linear.ts';
import { splitArea } from './sparse-pool-2d.ts';

/** Sum, mean (division in `f` and `divisor`), largest or smallest value over `axes`. */
export interface OverAxesNode<Op extends 'sumOver' | 'meanOver' | 'maxOver' | 'minOver'> extends NodeFields {
  readonly op: Op;
  readonly axes: readonly number[];
  /** Keep the reduced dimensions with length 1. */
  readonly keepDims: boolean;
}

export type SumOverNode = OverAxesNode<'sumOver'>;

export type MeanOverNode = OverAxesNode<'meanOver'>;

export type MaxOverNode = OverAxesNode<'maxOver'>;

export type MinOverNode = OverAxesNode<'minOver'>;

type OverAxesOp = 'sumOver' | 'meanOver' | 'maxOver' | 'minOver';

/** Definition of one reduction over axes. */
export function overAxesOp<Op extends OverAxesOp>(op: Op): OpDefinition<OverAxesNode<Op>> {
  return {
    form: { axes: numbers, keepDims: v.boolean() } as Form<OverAxesNode<Op>>,
    arity: 1,
    allowsDivisor: false,
    takes: 'dense',
    infer({ name, axes, keepDims }, [x]) {
      const rank = x.shape.length;
      if (
        axes.length === 0 ||
        new Set(axes).size !== axes.length ||
        axes.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= rank)
      ) {
        throw new GraphError(
          name,
          `axes are [${axes}]`,
          `name each of 0 … ${rank - 1} at most once (the batch is not counted)`,
        );
      }
      const { groups, shape: grouped } = groupsOf(x, axes);
      let bound = 0n;
      const shift = op === 'meanOver' ? splitArea(countOf(x, axes)).shift : 0;
      const intervals = groups.map((members) => {
        const f = commonF(members.map(({ interval }) => interval));
        const parts = members.map(({ interval, count }) => ({ interval: aligned(interval, f), count }));
        let { lo, hi } = parts[0].interval;
        let weight = 0n;
        if (op === 'maxOver' || op === 'minOver') {
          const pick = op === 'maxOver' ? max : min;
          for (const { interval } of parts) {
            lo = pick(lo, interval.lo);
            hi = pick(hi, interval.hi);
            weight = max(weight, magnitude(interval));
          }
        } else {
          lo = 0n;
          hi = 0n;
          for (const { interval, count } of parts) {
            const sum = times(interval, count);
            lo += sum.lo;
            hi += sum.hi;
            weight += magnitude(sum);
          }
        }
        bound = max(bound, weight);
        return { lo, hi, f: f + shift };
      });
      const full = x.shape.map((length, d) => (axes.includes(d) ? 1 : length));
      const keep = (list: readonly number[]): number[] => list.filter((_, d) => keepDims || !axes.includes(d));
      // A tensor has at least one dimension.
      const shape = keep(full).length === 0 ? [1] : keep(full);
      const rangeShape = keep(grouped).length === 0 ? [1] : keep(grouped);
      return {
        shape,
        divisor: op === 'meanOver' ? splitArea(countOf(x, axes)).odd : 1,
        ranges: rangesOf(rangeShape, intervals),
        bound,
      };
    },
    prepare({ axes }, [x], { shape }, wide) {
      const source = x.inferred.shape;
      const reduced = source.map((length, d) => (axes.includes(d) ? 1 : length));
      const strides = stridesOf(reduced);
      const target = Int32Array.from(
        mapPositions(source, (position) =>
          position.reduce((sum, at, d) => sum + (axes.includes(d) ? 0 : at * strides[d]), 0),
        ),
      );
      const elements = expandRanges(x.inferred.ranges, source);
      const common = new Map<number, Interval[]>();
      elements.forEach((interval, j) => {
        const list = common.get(target[j]);
        if (list === undefined) common.set(target[j], [interval]);
        else list.push(interval);
      });
      const scales = new Map([...common].map(([at, list]) => [at, commonF(list)]));
      const factors = constants(
        elements.map((interval, j) => (isZero(interval) ? 1n : 1n << BigInt(scales.get(target[j])! - interval.f))),
        wide,
      );
      const size = elements.length;
      const outSize = sizeOf(shape);
      return ([value], { batch }) => {
        const codes = allocateCodes(batch * outSize, wide);
        const to = asNumbers(codes);
        const from = asNumbers(value.codes);
        const started = new Uint8Array(outSize);
        for (let b = 0; b < batch; b++) {
          started.fill(0);
          for (let j = 0; j < size; j++) {
            const code = from[b * size + j] * factors[j];
            const at = b * outSize + target[j];
            if (op === 'sumOver' || op === 'meanOver') to[at] += code;
            else if (started[target[j]] === 0) {
              started[target[j]] = 1;
              to[at] = code;
            } else if (op === 'maxOver' ? code > to[at] : code < to[at]) to[at] = code;
          }
        }
        return { value: { kind: 'dense', batch, shape, codes }, overflow: 0 };
      };
    },
  };
}

function countOf({ shape }: Inferred, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * shape[axis], 1);
}

/** The intervals that are reduced together, each with the number of elements it stands for. */
function groupsOf(
  { ranges, shape }: Inferred,
  axes: readonly number[],
): { groups: { interval: Interval; count: bigint }[][]; shape: number[] } {
  const grouped = ranges.shape.map((length, d) => (axes.includes(d) ? 1 : length));
  const strides = stridesOf(grouped);
  const count = BigInt(axes.reduce((product, axis) => product * (ranges.shape[axis] === 1 ? shape[axis] : 1), 1));
  const groups: { interval: Interval; count: bigint }[][] = Array.from({ length: sizeOf(grouped) }, () => []);
  const target = mapPositions(ranges.shape, (position) =>
    position.reduce((sum, at, d) => sum + (axes.includes(d) ? 0 : at * strides[d]), 0),
  );
  target.forEach((group, j) => {
    groups[group].push({ interval: rangeAt(ranges, j), count });
  });
  return { groups, shape: grouped };
}
