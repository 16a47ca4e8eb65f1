import { LayerError } from '../layer-error.ts';
import type { HostArray } from './kernel-memory.ts';

/** Element-wise operations of two operands. */
export type ElementwiseOperation = 'Add' | 'Sub' | 'Multiply' | 'RealDiv';

/** A run of axes along which each operand either advances together or stays (`step` 0, broadcast). */
interface Axis {
  extent: number;
  readonly stepA: 0 | 1;
  readonly stepB: 0 | 1;
}

/**
 * Writes `a ∘ b` to `out`, with the usual broadcasting of `shapeA` and `shapeB`.
 * The stock cpu backend computes a coordinate vector per element when it broadcasts; this walks axes that behave alike
 * as one.
 */
export function elementwise(
  operation: ElementwiseOperation,
  a: HostArray,
  shapeA: readonly number[],
  b: HostArray,
  shapeB: readonly number[],
  out: Float32Array,
): void {
  if (out.length === 0) return;
  const axes = joinAxes(shapeA, shapeB);
  const [inner, ...outer] = axes.reverse();
  const counter = outer.map(() => 0);
  const stridesA = strides(axes, 'stepA').slice(1);
  const stridesB = strides(axes, 'stepB').slice(1);
  let fromA = 0;
  let fromB = 0;
  for (let start = 0; start < out.length; start += inner.extent) {
    row(operation, a, fromA, inner.stepA, b, fromB, inner.stepB, out, start, inner.extent);
    for (let axis = 0; axis < outer.length; axis++) {
      fromA += stridesA[axis];
      fromB += stridesB[axis];
      if (++counter[axis] < outer[axis].extent) break;
      fromA -= stridesA[axis] * outer[axis].extent;
      fromB -= stridesB[axis] * outer[axis].extent;
      counter[axis] = 0;
    }
  }
}

function row(
  operation: ElementwiseOperation,
  a: HostArray,
  fromA: number,
  stepA: number,
  b: HostArray,
  fromB: number,
  stepB: number,
  out: Float32Array,
  start: number,
  length: number,
): void {
  const end = start + length;
  let i = fromA;
  let j = fromB;
  switch (operation) {
    case 'Add':
      for (let to = start; to < end; to++, i += stepA, j += stepB) out[to] = a[i] + b[j];
      return;
    case 'Sub':
      for (let to = start; to < end; to++, i += stepA, j += stepB) out[to] = a[i] - b[j];
      return;
    case 'Multiply':
      for (let to = start; to < end; to++, i += stepA, j += stepB) out[to] = a[i] * b[j];
      return;
    case 'RealDiv':
      for (let to = start; to < end; to++, i += stepA, j += stepB) out[to] = a[i] / b[j];
      return;
    default:
      throw new LayerError(`Unknown operation ${String(operation satisfies never)}.`);
  }
}

/** Axes of the broadcast shape, outermost first, neighbours that behave alike joined. */
function joinAxes(shapeA: readonly number[], shapeB: readonly number[]): Axis[] {
  const rank = Math.max(shapeA.length, shapeB.length);
  const axes: Axis[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const extentA = shapeA[axis - rank + shapeA.length] ?? 1;
    const extentB = shapeB[axis - rank + shapeB.length] ?? 1;
    const extent = extentA === 1 ? extentB : extentA;
    if (extent === 1) continue;
    const [stepA, stepB] = [extentA === 1 ? 0 : 1, extentB === 1 ? 0 : 1] as const;
    const last = axes[axes.length - 1];
    if (last?.stepA === stepA && last.stepB === stepB) last.extent *= extent;
    else axes.push({ extent, stepA, stepB });
  }
  return axes.length === 0 ? [{ extent: 1, stepA: 0, stepB: 0 }] : axes;
}

/** Distance between neighbours along each axis, innermost axis first; 0 where the operand stays. */
function strides(axes: readonly Axis[], step: 'stepA' | 'stepB'): number[] {
  let stride = 1;
  return axes.map((axis) => {
    if (axis[step] === 0) return 0;
    const current = stride;
    stride *= axis.extent;
    return current;
  });
}
