import type * as tfTypes from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { asNumber, FixtureError, type Row } from './fixture.ts';

/** One step of an optimizer. */
export type Step = (gradients: ReadonlyMap<tfTypes.Variable, Float32Array>) => void;

/** Keras 2's Adam or SGD, as the fixtures used them. */
export function keras2Optimizer(spec: Row, where: string): Step {
  const rate = asNumber(spec['learning_rate'], `${where}.learning_rate`);
  if (spec['name'] === 'sgd') return (gradients) => update(gradients, (_, g) => rate * g);
  if (spec['name'] !== 'adam') throw new FixtureError(`${where}.name`, "'adam' or 'sgd'");
  const [b1, b2, epsilon] = ['beta_1', 'beta_2', 'epsilon'].map((key) => asNumber(spec[key], `${where}.${key}`));
  const states = new Map<tfTypes.Variable, { readonly m: Float32Array; readonly v: Float32Array }>();
  let t = 0;
  return (gradients) => {
    t++;
    const corrected = (rate * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t);
    update(gradients, (variable, g, j) => {
      const state = states.get(variable) ?? { m: new Float32Array(variable.size), v: new Float32Array(variable.size) };
      states.set(variable, state);
      state.m[j] += (g - state.m[j]) * (1 - b1);
      state.v[j] += (g * g - state.v[j]) * (1 - b2);
      return (corrected * state.m[j]) / (Math.sqrt(state.v[j]) + epsilon);
    });
  };
}

function update(
  gradients: ReadonlyMap<tfTypes.Variable, Float32Array>,
  change: (variable: tfTypes.Variable, gradient: number, index: number) => number,
): void {
  for (const [variable, gradient] of gradients) {
    const values = variable.dataSync<'float32'>().map((value, j) => value - change(variable, gradient[j], j));
    const tensor = tf.tensor(values, variable.shape, 'float32');
    variable.assign(tensor);
    tensor.dispose();
  }
}
