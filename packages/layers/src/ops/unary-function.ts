import type * as tf from '@tensorflow/tfjs';
import { hostOp } from './host-op.ts';

/**
 * A real function with its derivative, in double precision. This one definition serves training, inference and the
 * tables of the fixed graph, so that all of them hold the same numbers on every backend.
 */
export interface UnaryFunction {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

/** The function's float32 value: what a tensor holds, and what a table is made of. */
export function evaluate({ value }: UnaryFunction, x: number): number {
  return Math.fround(value(x));
}

/** The function of every element. */
export function applyUnary(f: UnaryFunction, x: tf.Tensor): tf.Tensor {
  return hostOp([x], ([values]) => ({
    values: values.map((value) => evaluate(f, value)),
    shape: x.shape,
    gradient: (dy) => [dy.map((g, j) => (g === 0 ? 0 : g * f.slope(values[j])))],
  }));
}
