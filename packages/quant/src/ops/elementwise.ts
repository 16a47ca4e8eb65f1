/** What ops that treat every element alone share. */
import { broadcastIndices, broadcasts } from '../format/format-table.ts';
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
