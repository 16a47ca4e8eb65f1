import * as tf from '@tensorflow/tfjs';
import { randomSource } from '../../data/random.ts';
import { runLayers } from '../../fit/run-layers.ts';
import { OptionError } from '../../option-error.ts';
import { inTidy } from '../in-tidy.ts';
import { checkData, type KernelDerivatives, kernelsOf } from './get-model-gradients.ts';
import { withSecondDerivatives } from './second-derivatives.ts';
import type { TensorLoss } from './tensor-loss.ts';
import { twiceDifferentiable } from './twice-differentiable.ts';

/** How second derivatives are found. */
export interface HessianOptions {
  /**
   * `'exact'` (default): the diagonal of the Hessian, one backward pass per weight, for stock layers. `'fisher'`: the mean square of the gradients of single
   * examples, which is close to it near a minimum of a likelihood; one backward pass per example, for any layer (quantizers have no second derivatives).
   */
  readonly method?: 'exact' | 'fisher';
}

/**
 * `∂²L/∂w²` of every weight of every kernel that can be pruned, of the mean loss over all data, in inference. (Upstream `get_model_hessians` differentiates
 * the sum of all gradients, which gives sums of rows of the Hessian instead of its diagonal.)
 *
 * The loss has to be made of operations: of functions with gradients of their own, such as `tf.logSoftmax` and those in `tf.losses`, TensorFlow.js knows
 * no second derivative. A check against differences of gradients refuses them.
 *
 * @throws OptionError for a model with several inputs or outputs, x and y of different lengths, another method, and, with `'exact'`, layers
 * and losses without second derivatives
 */
export function getModelHessians(
  model: tf.LayersModel,
  loss: TensorLoss,
  x: tf.Tensor,
  y: tf.Tensor,
  { method = 'exact' }: HessianOptions = {},
): KernelDerivatives {
  checkData(model, x, y, 'getModelHessians');
  if (method === 'fisher') return fisherDiagonal(model, loss, x, y);
  if (method !== 'exact') {
    throw new OptionError(`getModelHessians: method '${String(method)}' is none of exact, fisher`);
  }
  return withSecondDerivatives(() => {
    const diagonals = new Map<string, Float32Array>();
    const few = Math.min(x.shape[0], CHECKED);
    const [fewX, fewY] = [x, y].map((data) => tf.slice(data, 0, few));
    for (const [name, variable] of kernelsOf(model)) {
      const slopeOn =
        (inputs: tf.Tensor, targets: tf.Tensor): Slope =>
        (kernel) =>
          tf.grad((own: tf.Tensor) =>
            tf.mean(loss(targets, twiceDifferentiable(model, inputs, new Map([[name, own]])))),
          )(kernel);
      checkProduct(slopeOn(fewX, fewY), variable, name);
      const slope = slopeOn(x, y);
      const times = (direction: Float32Array): Float32Array => product(slope, variable, direction);
      const one = new Float32Array(variable.size);
      diagonals.set(
        name,
        one.map((_, j) => {
          one.fill(0)[j] = 1;
          return times(one)[j];
        }),
      );
    }
    tf.dispose([fewX, fewY]);
    return diagonals;
  });
}

/** Examples of the check: with few of them, few slopes jump nearby. */
const CHECKED = 32;

type Slope = (kernel: tf.Tensor) => tf.Tensor;

/** The Hessian times a direction. */
function product(slope: Slope, variable: tf.Variable, direction: Float32Array): Float32Array {
  return inTidy(() => {
    const along = tf.tensor(direction.slice(), variable.shape);
    // With the direction itself in it there is always something to differentiate, also where slopes are constant.
    const total = (kernel: tf.Tensor): tf.Tensor =>
      tf.add(tf.sum(tf.mul(slope(kernel), along)), tf.mul(tf.sum(kernel), 0));
    return tf.grad(total)(variable.clone()).dataSync<'float32'>().slice();
  });
}

/**
 * Along some direction and for some small step the Hessian has to do to slopes what the step does. Where units switch on or off in between it does not; but a Hessian that is
 * wrong does not anywhere.
 *
 * @throws OptionError if there is none
 */
function checkProduct(slope: Slope, variable: tf.Variable, name: string): void {
  const tries = [
    { seed: 18, step: 1e-3, withNoise: true },
    ...[19, 20, 21].flatMap((seed) => [3e-4, 1e-4, 3e-5].map((step) => ({ seed, step, withNoise: false }))),
  ];
  for (const { seed, step, withNoise } of tries) {
    const random = randomSource(seed);
    const direction = Float32Array.from({ length: variable.size }, () => random.normal());
    const slopes = (sign: number): Float32Array =>
      inTidy(() => {
        const moved = tf.add(variable, tf.mul(tf.tensor(direction, variable.shape), sign * step));
        return slope(moved).dataSync<'float32'>().slice();
      });
    const exact = product(slope, variable, direction);
    const [up, down] = [slopes(1), slopes(-1)];
    let error = 0;
    let size = 0;
    exact.forEach((value, j) => {
      const measured = (up[j] - down[j]) / (2 * step);
      error += (value - measured) ** 2;
      size += Math.max(value ** 2, measured ** 2);
    });
    // Rounding of the slopes, divided by the step, is not an error.
    const noise = withNoise ? up.reduce((sum, g) => sum + (2e-7 * (Math.abs(g) + 0.1)) ** 2, 0) / step ** 2 : 0;
    if (error <= 0.04 * size + 10 * noise) return;
  }
  throw new OptionError(
    `getModelHessians: second derivatives of layer '${name}' are not what differences of gradients say: the loss has gradients of its own, or slopes jump nearby. Write the loss with operations such as tf.softmax and tf.log, or use method 'fisher'`,
  );
}

function fisherDiagonal(model: tf.LayersModel, loss: TensorLoss, x: tf.Tensor, y: tf.Tensor): KernelDerivatives {
  const kernels = kernelsOf(model);
  const count = x.shape[0];
  const sums = new Map([...kernels].map(([name, kernel]) => [name, new Float64Array(kernel.size)]));
  for (let j = 0; j < count; j++) {
    tf.tidy(() => {
      const [xs, ys] = [x, y].map((data) => tf.slice(data, j, 1));
      const one = (): tf.Scalar => tf.mean(loss(ys, runLayers(model, xs, { training: false })));
      const { grads } = tf.variableGrads(one, [...kernels.values()]);
      for (const [name, kernel] of kernels) {
        const sum = sums.get(name) as Float64Array;
        grads[kernel.name]?.dataSync<'float32'>().forEach((g, k) => {
          sum[k] += (g * g) / count;
        });
      }
    });
  }
  return new Map([...sums].map(([name, sum]) => [name, Float32Array.from(sum)]));
}
