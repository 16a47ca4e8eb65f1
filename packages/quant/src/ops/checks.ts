import type { FormatTable } from '../format/format.ts';
import { broadcasts, checkTable as checkFormats, sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { Weights } from '../graph/node.ts';

/** Most elements one value may have: bounds the memory that a malformed graph can ask for. */
export const MAX_ELEMENTS: number = 2 ** 24;

/** Fails unless `shape` is a list of positive integers of a manageable total size. */
export function checkShape(where: string, shape: readonly number[], rank?: number): void {
  if (rank !== undefined && shape.length !== rank) {
    throw new GraphError(where, `shape [${shape}] has rank ${shape.length}`, `rank ${rank} is needed here`);
  }
  if (!shape.every((length) => Number.isSafeInteger(length) && length > 0)) {
    throw new GraphError(where, `shape [${shape}] is no list of positive integers`, 'give the shape without the batch');
  }
  if (sizeOf(shape) > MAX_ELEMENTS) {
    throw new GraphError(where, `shape [${shape}] has more than 2^24 elements`, 'use a smaller tensor');
  }
}

/** Fails unless `weights` are safe integers of the given shape. */
export function checkWeights(where: string, name: string, weights: Weights, shape: readonly number[]): void {
  if (weights.shape.length !== shape.length || weights.shape.some((length, d) => length !== shape[d])) {
    throw new GraphError(where, `${name} has shape [${weights.shape}]`, `its shape must be [${shape}]`);
  }
  checkShape(`${where}, ${name}`, weights.shape);
  if (weights.codes.length !== sizeOf(shape)) {
    throw new GraphError(where, `${name} has ${weights.codes.length} codes`, `shape [${shape}] needs ${sizeOf(shape)}`);
  }
  const bad = weights.codes.findIndex((code) => !Number.isSafeInteger(code));
  if (bad >= 0) {
    throw new GraphError(
      where,
      `${name} code ${bad} is ${weights.codes[bad]}`,
      'codes are integers below 2^53: multiply the real weights by 2^f',
    );
  }
  if (!Number.isInteger(weights.f) || Math.abs(weights.f) > 1000) {
    throw new GraphError(where, `${name} has f = ${weights.f}`, 'use an integer between -1000 and 1000');
  }
}

/** Fails unless `value` is an integer of at least `least`. */
export function checkInteger(where: string, name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new GraphError(where, `${name} is ${value}`, `use an integer of at least ${least}`);
  }
}

/** The divisor that all values share. */
export function commonDivisor(where: string, inputs: readonly { readonly divisor: number }[]): number {
  const [{ divisor }] = inputs;
  const other = inputs.find((input) => input.divisor !== divisor);
  if (other === undefined) return divisor;
  throw new GraphError(
    where,
    `its inputs are still to be divided by ${divisor} and by ${other.divisor}`,
    'put a requantize between it and its inputs, or bring both to one divisor d with scaleOffset { scale, over }',
  );
}

/** Fails when a shape has another rank than the op takes. */
export function checkRank(where: string, shape: readonly number[], rank: number, layout: string): void {
  if (shape.length !== rank) {
    throw new GraphError(where, `the input has shape [${shape}]`, `this op takes ${layout}`);
  }
}

/** Fails unless `table` is well formed and can be broadcast to `shape`. */
export function checkTable(where: string, name: string, table: FormatTable, shape: readonly number[]): void {
  try {
    checkFormats(table, name);
  } catch (cause) {
    throw new GraphError(where, (cause as Error).message, 'correct the format table', { cause });
  }
  if (!broadcasts(table.shape, shape)) {
    throw new GraphError(
      where,
      `${name} has shape [${table.shape}] for a value of shape [${shape}]`,
      'use the same rank with 1 or the full size in every dimension',
    );
  }
}
