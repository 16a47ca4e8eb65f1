/** What ops that treat every element alone share. */
import { broadcastIndices, broadcasts, sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { Weights } from '../graph/node.ts';
import { checkWeights } from './checks.ts';
import type { Inferred } from './definition.ts';

/** The shape over which the constants of an elementwise op repeat: one slot of a list, or the whole tensor. */
export function periodShape({ slots, shape }: Pick<Inferred, 'slots' | 'shape'>): readonly number[] {
  return slots === undefined ? shape : [1, 1, shape[2]];
}

/** Fails unless `weights` can be broadcast to the elements of `x` (channels only for a list). */
export function checkBroadcast(where: string, name: string, weights: Weights, x: Inferred): void {
  checkWeights(where, name, weights, weights.shape);
  const target = periodShape(x);
  if (!broadcasts(weights.shape, target)) {
    throw new GraphError(
      where,
      `${name} has shape [${weights.shape}]`,
      `it must broadcast to [${target}]: same rank, 1 or full size`,
    );
  }
}

/** The weights' codes for every element of `shape`. */
export function expandCodes(weights: Weights, shape: readonly number[]): bigint[] {
  const codes = weights.codes.map((code) => BigInt(code));
  return Array.from(broadcastIndices(weights.shape, shape), (index) => codes[index]);
}

/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/** For every element of `shape`, a number computed from its position. */
export function mapPositions(shape: readonly number[], index: (position: readonly number[]) => number): Int32Array {
  const result = new Int32Array(sizeOf(shape));
  const position = new Array<number>(shape.length).fill(0);
  for (let j = 0; j < result.length; j++) {
    result[j] = index(position);
    for (let d = shape.length - 1; d >= 0; d--) {
      if (++position[d] < shape[d]) break;
      position[d] = 0;
    }
  }
  return result;
}
