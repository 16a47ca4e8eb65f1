import type { Optimizer } from '../engine/optimizer.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { kernelOptimizer } from './kernel-optimizer.ts';

/** Settings of gradient descent; defaults as in Keras. */
export interface SgdOptions {
  /** Share of the last movement that goes on. Default 0. */
  readonly momentum?: number;
  /** Whether the gradient's step is taken from where momentum leads to. Default false. */
  readonly nesterov?: boolean;
  /** Gradients are scaled down together when their common L2 norm exceeds this. Default no clipping. */
  readonly clipNorm?: number;
}

/**
 * Stochastic gradient descent with momentum, as Keras computes it: `v = m·v − lr·g`, then `w += v`, or `w += m·v − lr·g` with
 * Nesterov's momentum.
 *
 * @throws OptionError for unknown options, a momentum outside [0, 1), Nesterov without momentum or a clipping norm that is not positive.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkOptionNames(options, ['momentum', 'nesterov', 'clipNorm'], 'sgd');
  const { momentum = 0, nesterov = false, clipNorm } = options;
  if (!(momentum >= 0 && momentum < 1)) throw new OptionError(`sgd: momentum ${momentum} is not in [0, 1)`);
  if (nesterov && momentum === 0) throw new OptionError('sgd: nesterov needs a momentum above 0');
  return kernelOptimizer({
    name: 'sgd',
    slots: 1,
    clipNorm,
    update({ kernels, values, gradient, slots: [velocity], rate, clip }) {
      kernels.momentumStep(values, gradient, velocity, rate, clip, momentum, nesterov ? 1 : 0, values.length);
    },
  });
}
