/** Ops that move codes around: reshape, transpose, take, pad. */
import * as v from 'valibot';
import { broadcastIndices, sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields, Pads } from '../graph/node.ts';
import { largest, type Ranges, rangeAt, rangesOf, withZero, ZERO } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { mapPositions, stridesOf } from '../numeric/positions.ts';
import { checkInteger, checkShape } from './checks.ts';
import type { OpDefinition, Runner } from './definition.ts';
import { numbers, pair } from './form.ts';
import { asNumbers } from './linear.ts';

/** The same codes in the same row-major order under another shape (the node's `shape`). Also the op of a dense flatten. */
export interface ReshapeNode extends NodeFields {
  readonly op: 'reshape';
}

/** Dimension `d` of the result is dimension `perm[d]` of the input. */
export interface TransposeNode extends NodeFields {
  readonly op: 'transpose';
  readonly perm: readonly number[];
}

/** Slices along one dimension in any order and number: slice `j` of the result is slice `indices[j]` of the input. */
export interface TakeNode extends NodeFields {
  readonly op: 'take';
  readonly axis: number;
  readonly indices: readonly number[];
}

/** Zeros around a tensor; one pair per dimension. */
export interface PadNode extends NodeFields {
  readonly op: 'pad';
  readonly pads: readonly Pads[];
}

/** The same codes under another shape. */
export const reshapeOp: OpDefinition<ReshapeNode> = {
  form: {},
  arity: 1,
  allowsDivisor: true,
  movesCodes: () => true,
  takes: 'dense',
  infer({ name, shape }, [x]) {
    checkShape(name, shape);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new GraphError(
        name,
        `[${x.shape}] has ${sizeOf(x.shape)} elements`,
        `shape [${shape}] needs ${sizeOf(shape)}`,
      );
    }
    const ranges =
      x.ranges.lo.length === 1
        ? { ...x.ranges, shape: shape.map(() => 1) }
        : gather(x.ranges, broadcastIndices(x.ranges.shape, x.shape), shape);
    return { shape, divisor: x.divisor, ranges, bound: largest(x.ranges) };
  },
  prepare: (_, __, { shape }) => {
    return ([value]) => ({ value: { ...value, shape }, overflow: 0 });
  },
};

/** Dimensions in another order. */
export const transposeOp: OpDefinition<TransposeNode> = {
  form: { perm: numbers },
  arity: 1,
  allowsDivisor: true,
  movesCodes: () => true,
  takes: 'dense',
  infer({ name, perm }, [x]) {
    const rank = x.shape.length;
    if (perm.length !== rank || [...perm].sort((a, b) => a - b).some((d, at) => d !== at)) {
      throw new GraphError(name, `perm is [${perm}]`, `give an order of 0 … ${rank - 1} (the batch is not counted)`);
    }
    const shape = perm.map((d) => x.shape[d]);
    const ranges = gather(
      x.ranges,
      permutation(x.ranges.shape, perm),
      perm.map((d) => x.ranges.shape[d]),
    );
    return { shape, divisor: x.divisor, ranges, bound: largest(x.ranges) };
  },
  prepare: ({ perm }, [x], { shape }, wide) => gatherRunner(permutation(x.inferred.shape, perm), shape, wide),
};

/** Chosen slices along a dimension. */
export const takeOp: OpDefinition<TakeNode> = {
  form: { axis: v.number(), indices: numbers },
  arity: 1,
  allowsDivisor: true,
  movesCodes: () => true,
  takes: 'dense',
  infer({ name, axis, indices }, [x]) {
    const size = x.shape[axis];
    if (size === undefined) {
      throw new GraphError(name, `axis is ${axis}`, `use 0 … ${x.shape.length - 1} (the batch is not counted)`);
    }
    const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
    if (wrong !== undefined || indices.length === 0) {
      throw new GraphError(name, `indices are [${indices}]`, `give one or more of 0 … ${size - 1}`);
    }
    const shape = x.shape.with(axis, indices.length);
    const ranges =
      x.ranges.shape[axis] === 1
        ? x.ranges
        : gather(x.ranges, selection(x.ranges.shape, axis, indices), x.ranges.shape.with(axis, indices.length));
    return { shape, divisor: x.divisor, ranges, bound: largest(x.ranges) };
  },
  prepare: ({ axis, indices }, [x], { shape }, wide) =>
    gatherRunner(selection(x.inferred.shape, axis, indices), shape, wide),
};

/** Zeros around a tensor. */
export const padOp: OpDefinition<PadNode> = {
  form: { pads: v.array(pair) },
  arity: 1,
  allowsDivisor: true,
  movesCodes: () => true,
  takes: 'dense',
  infer({ name, pads }, [x]) {
    if (pads.length !== x.shape.length) {
      throw new GraphError(
        name,
        `${pads.length} pads for rank ${x.shape.length}`,
        'give one [before, after] per dimension',
      );
    }
    for (const pad of pads) for (const count of pad) checkInteger(name, 'pad', count, 0);
    const shape = x.shape.map((length, d) => length + pads[d][0] + pads[d][1]);
    checkShape(name, shape);
    if (x.ranges.lo.length === 1) {
      const ranges = rangesOf(x.ranges.shape, [withZero(rangeAt(x.ranges, 0))]);
      return { shape, divisor: x.divisor, ranges, bound: largest(ranges) };
    }
    const source = broadcastIndices(x.ranges.shape, x.shape);
    const intervals = Array.from(inside(x.shape, pads, shape), (at) => (at < 0 ? ZERO : rangeAt(x.ranges, source[at])));
    const ranges = rangesOf(shape, intervals);
    return { shape, divisor: x.divisor, ranges, bound: largest(ranges) };
  },
  prepare: ({ pads }, [x], { shape }, wide) => gatherRunner(inside(x.inferred.shape, pads, shape), shape, wide),
};

/** Index of the source of every element of a transposed tensor. */
function permutation(shape: readonly number[], perm: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  return Int32Array.from(
    mapPositions(
      perm.map((d) => shape[d]),
      (position) => position.reduce((sum, at, d) => sum + at * strides[perm[d]], 0),
    ),
  );
}

/** Index of the source of every element of a tensor with chosen slices. */
function selection(shape: readonly number[], axis: number, indices: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  return Int32Array.from(
    mapPositions(shape.with(axis, indices.length), (position) =>
      position.reduce((sum, at, d) => sum + (d === axis ? indices[at] : at) * strides[d], 0),
    ),
  );
}

/** Index of the source of every element of a padded tensor, −1 in the padding. */
function inside(shape: readonly number[], pads: PadNode['pads'], padded: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  const sources = mapPositions(padded, (position) => {
    let sum = 0;
    for (let d = 0; d < shape.length; d++) {
      const at = position[d] - pads[d][0];
      if (at < 0 || at >= shape[d]) return -1;
      sum += at * strides[d];
    }
    return sum;
  });
  return Int32Array.from(sources);
}

function gather(ranges: Ranges, indices: Int32Array, shape: readonly number[]): Ranges {
  return rangesOf(
    shape,
    Array.from(indices, (index) => rangeAt(ranges, index)),
  );
}

function gatherRunner(indices: Int32Array, shape: readonly number[], wide: boolean): Runner {
  return ([value], { batch }) => {
    const codes = allocateCodes(batch * indices.length, wide);
    const to = asNumbers(codes);
    const from = asNumbers(value.codes);
    const size = from.length / batch;
    for (let b = 0; b < batch; b++) {
      const base = b * indices.length;
      for (let j = 0; j < indices.length; j++) if (indices[j] >= 0) to[base + j] = from[b * size + indices[j]];
    }
    return { value: { kind: 'dense', batch, shape, codes }, overflow: 0 };
  };
}
