/**
 * Bit widths live in tensors smaller than the data: of the same rank, with size 1 along every axis that shares one
 * width (hgq2 §2.1).
 */

import type { Reals } from '../ops/fraction.ts';

/** Where an element of the data finds its bit widths: `index[j]` when given, else `j mod period`. */
export interface BitIndex {
  readonly period: number;
  readonly index?: Int32Array;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** Maps every element of `shape` to an element of `bitShape`, whose extents are 1 or those of `shape`. */
export function bitIndex(bitShape: readonly number[], shape: readonly number[]): BitIndex {
  const lead = bitShape.findIndex((extent, axis) => extent !== 1 || shape[axis] === 1);
  const tail = lead < 0 ? [] : bitShape.slice(lead);
  const full = tail.every((extent, offset) => extent === shape[lead + offset]);
  if (full) return { period: sizeOf(bitShape) };
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (bitShape[axis] !== 1) strides[axis] = stride;
    stride *= bitShape[axis];
  }
  const index = new Int32Array(sizeOf(shape));
  const position = new Array<number>(shape.length).fill(0);
  for (let j = 0, at = 0; j < index.length; j++) {
    index[j] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]++;
      at += strides[axis];
      if (position[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return { period: index.length, index };
}

/** As `bitIndex`, for a list of elements of the data given by their flat indices. */
export function listIndex(bitShape: readonly number[], shape: readonly number[], elements: Int32Array): BitIndex {
  const { period, index } = bitIndex(bitShape, shape);
  const list = new Int32Array(elements.length);
  for (let j = 0; j < list.length; j++) list[j] = index == null ? elements[j] % period : index[elements[j]];
  return { period: Math.max(list.length, 1), index: list };
}

/** Largest magnitude per bit element. */
export function absMaxPerBit(values: Reals, { period, index }: BitIndex, size: number): Float64Array {
  const largest = new Float64Array(size);
  for (let j = 0, q = 0; j < values.length; j++, q++) {
    if (q === period) q = 0;
    const at = index == null ? q : index[j];
    const magnitude = Math.abs(values[j]);
    if (magnitude > largest[at]) largest[at] = magnitude;
  }
  return largest;
}

/** 1 where any value of the bit element is negative. */
export function anyNegativePerBit(values: Reals, { period, index }: BitIndex, size: number): Uint8Array {
  const negative = new Uint8Array(size);
  for (let j = 0, q = 0; j < values.length; j++, q++) {
    if (q === period) q = 0;
    if (values[j] < 0) negative[index == null ? q : index[j]] = 1;
  }
  return negative;
}

/** Repeats bit widths over a tensor of `shape`. */
export function expandBits(
  bits: ArrayLike<number>,
  bitShape: readonly number[],
  shape: readonly number[],
): Float64Array {
  const { period, index } = bitIndex(bitShape, shape);
  const expanded = new Float64Array(sizeOf(shape));
  for (let j = 0, q = 0; j < expanded.length; j++, q++) {
    if (q === period) q = 0;
    expanded[j] = bits[index == null ? q : index[j]];
  }
  return expanded;
}

/** Adjoint of `expandBits`: sums over the elements that share one width. */
export function collectBits(values: Float64Array, bitShape: readonly number[], shape: readonly number[]): Float64Array {
  const { period, index } = bitIndex(bitShape, shape);
  const sums = new Float64Array(sizeOf(bitShape));
  for (let j = 0, q = 0; j < values.length; j++, q++) {
    if (q === period) q = 0;
    sums[index == null ? q : index[j]] += values[j];
  }
  return sums;
}
