import type { Optimizer } from '../engine/optimizer.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { kernelOptimizer } from './kernel-optimizer.ts';

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
 * @throws OptionError for unknown options, a decay outside [0, 1), an ε below 0 or a clipping norm that is not positive.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptionNames(options, ['beta1', 'beta2', 'epsilon', 'clipNorm'], 'adam');
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, clipNorm } = options;
  for (const [name, value] of Object.entries({ beta1, beta2 })) {
    if (!(value >= 0 && value < 1)) throw new OptionError(`adam: ${name} ${value} is not in [0, 1)`);
  }
  if (!(epsilon >= 0)) throw new OptionError(`adam: epsilon ${epsilon} is not ≥ 0`);
  return kernelOptimizer({
    name: 'adam',
    slots: 2,
    clipNorm,
    update({ kernels, values, gradient, slots: [mean, square], rate, clip, step }) {
      const corrected = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      kernels.adamStep(values, gradient, mean, square, corrected, clip, beta1, beta2, epsilon, values.length);
    },
  });
}
