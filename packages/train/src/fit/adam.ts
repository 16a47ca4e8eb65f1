import type { Optimizer, OptimizerState, Parameter } from './optimizer.ts';

/** Settings of Adam; defaults as in Keras. */
export interface AdamOptions {
  /** Decay of the mean gradient. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean squared gradient. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-7. */
  readonly epsilon?: number;
  /** Gradients are scaled down together when their common L2 norm exceeds this. Default no clipping. */
  readonly clipNorm?: number;
}

/**
 * Adam (Kingma & Ba 2015), as Keras computes it: `w −= lr·√(1−β2^t)/(1−β1^t) · m/(√v + ε)`.
 *
 * It works on the host, on typed arrays: on the CPU and WASM backends the gradients already lie in this process's memory, and some ten
 * thousand parameters cost less there than the dispatch of the ten tensor operations that each variable needs otherwise.
 *
 * @throws RangeError for a decay outside [0, 1), an ε below 0 or a clipping norm that is not positive.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, clipNorm } = options;
  for (const [name, value] of Object.entries({ beta1, beta2 })) {
    if (!(value >= 0 && value < 1)) throw new RangeError(`adam: ${name} ${value} is not in [0, 1)`);
  }
  if (!(epsilon >= 0)) throw new RangeError(`adam: epsilon ${epsilon} is not ≥ 0`);
  if (clipNorm !== undefined && !(clipNorm > 0)) throw new RangeError(`adam: clipNorm ${clipNorm} is not positive`);
  let step = 0;
  let slots: (readonly [Float32Array, Float32Array])[] = [];
  return {
    step(parameters, learningRate) {
      if (step === 0)
        slots = parameters.map(({ values }) => [new Float32Array(values.length), new Float32Array(values.length)]);
      if (slots.length !== parameters.length) {
        throw new Error(
          `adam: ${parameters.length} parameters, but the state is of ${slots.length}; the model has changed`,
        );
      }
      step++;
      const corrected = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      const clip = clipNorm === undefined ? 1 : Math.min(1, clipNorm / gradientNorm(parameters));
      for (const [index, { values, gradient, rate }] of parameters.entries()) {
        const [mean, square] = slots[index];
        const size = corrected * rate;
        for (let j = 0; j < values.length; j++) {
          const g = gradient[j] * clip;
          mean[j] += (g - mean[j]) * (1 - beta1);
          square[j] += (g * g - square[j]) * (1 - beta2);
          values[j] -= (size * mean[j]) / (Math.sqrt(square[j]) + epsilon);
        }
      }
    },
    state: (): OptimizerState => ({ step, slots: slots.map((pair) => pair.map((array) => array.slice())) }),
    restore(state) {
      step = state.step;
      slots = state.slots.map(([mean, square]) => [mean.slice(), square.slice()]);
    },
  };
}

/** L2 norm of all gradients together; 0 gives Infinity nowhere because 0 gradients need no clipping. */
function gradientNorm(parameters: readonly Parameter[]): number {
  let sum = 0;
  for (const { gradient } of parameters) for (const g of gradient) sum += g * g;
  return Math.max(Math.sqrt(sum), Number.MIN_VALUE);
}
