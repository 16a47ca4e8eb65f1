import type * as tf from '@tensorflow/tfjs';
import { hostOp } from '../ops/host-op.ts';
import type { StateVariable } from '../quantizer/state-variable.ts';

/** A summand of a layer's loss that depends on its bit variables only. */
export interface LossPart {
  /** `ebops`, or the regularised variable: `iq/f`. */
  readonly name: string;
  /** Value now, and derivatives with respect to the trainable variables it depends on. */
  evaluate(): { readonly value: number; readonly gradients: readonly PartGradient[] };
}

/** Derivative of a part with respect to one variable. */
export interface PartGradient {
  readonly state: StateVariable;
  readonly values: ArrayLike<number>;
}

/** A summand of a layer's loss by name. */
export interface LossTerm {
  readonly name: string;
  readonly value: number;
}

/**
 * All parts of a layer as one scalar. One tensor operation instead of one per part: a step of a small network is made
 * of dispatches, and every variable has at least two parts.
 */
export function layerLoss(parts: readonly LossPart[]): tf.Scalar {
  const results = parts.map((part) => part.evaluate());
  const sums = new Map<StateVariable, Float64Array>();
  for (const { state, values } of results.flatMap(({ gradients }) => gradients)) {
    const sum = sums.get(state) ?? new Float64Array(values.length);
    for (let q = 0; q < sum.length; q++) sum[q] += values[q];
    sums.set(state, sum);
  }
  const total = results.reduce((sum, { value }) => sum + value, 0);
  return hostOp(
    [...sums.keys()].map(({ variable }) => variable),
    () => ({
      values: new Float32Array([total]),
      shape: [],
      gradient: ([dy]) => [...sums.values()].map((sum) => Float32Array.from(sum, (g) => g * dy)),
    }),
  ) as tf.Scalar;
}

/** `strength · Σ x`: signed, so that fewer integer or fraction bits lower it even below zero (hgq2 §3.3, MonoL1). */
export function monoL1Part(name: string, state: StateVariable, strength: number): LossPart {
  return {
    name,
    evaluate: () => ({
      value: strength * state.values.reduce((sum, value) => sum + value, 0),
      gradients: [{ state, values: new Float64Array(state.values.length).fill(strength) }],
    }),
  };
}
