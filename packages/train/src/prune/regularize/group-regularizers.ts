import * as tf from '@tensorflow/tfjs';
import type { KernelKind } from '../attributes/structure.ts';
import { groupPenalty, type PenaltyOptions, type PenaltySettings, penaltySettings } from './group-penalty.ts';

/** What tfjs takes for a regulariser; it does not export the class. */
const RegularizerBase: new () => tf.serialization.Serializable = Object.getPrototypeOf(
  tf.regularizers.l1l2().constructor,
);

/** A regulariser of groups of weights; give it to a layer as `kernelRegularizer`. */
abstract class GroupRegularizer extends RegularizerBase {
  readonly settings: PenaltySettings;
  protected readonly kind: KernelKind;

  constructor(kind: KernelKind, options: PenaltyOptions, where: string) {
    super();
    this.kind = kind;
    this.settings = penaltySettings(kind, options, where);
  }

  /** The penalty of a kernel, differentiable. @throws OptionError for kernels of another rank and sizes that do not divide */
  apply(weights: tf.Tensor): tf.Scalar {
    const penalty = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc) => {
      const kernel = x as tf.Tensor;
      const where = this.getClassName();
      const { value, gradient } = groupPenalty(this.kind, kernel.shape, kernel.dataSync(), this.settings, where);
      // A tensor made here would be gone when the gradient is asked for.
      return { value: tf.scalar(value), gradFunc: (dy: tf.Tensor) => tf.mul(tf.tensor(gradient, kernel.shape), dy) };
    });
    return tf.tidy(() => penalty(weights) as tf.Scalar);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.settings, blockShape: [...this.settings.blockShape] };
  }
}

/**
 * Regulariser of dense kernels (upstream `DenseRegularizer`): pulls groups of weights to 0 (`alpha`) and the weights of a group together (`beta`).
 * With the groups that an objective chose, it prepares a model for pruning and sharing.
 *
 * @example
 * qDense({ units: 16, kernelRegularizer: denseRegularizer({ alpha: 1e-4, structure: 'structured' }) });
 */
export class DenseRegularizer extends GroupRegularizer {
  static readonly className = 'DenseRegularizer';
  constructor(options: PenaltyOptions) {
    super('dense', options, 'DenseRegularizer');
  }
}

/** Regulariser of kernels of 2D convolutions (upstream `Conv2DRegularizer`); see `DenseRegularizer`. No blocks. */
export class Conv2DRegularizer extends GroupRegularizer {
  static readonly className = 'Conv2DRegularizer';
  constructor(options: PenaltyOptions) {
    super('conv2d', options, 'Conv2DRegularizer');
  }
}

/** A `DenseRegularizer`. @throws OptionError for senseless options */
export const denseRegularizer = (options: PenaltyOptions): DenseRegularizer => new DenseRegularizer(options);

/** A `Conv2DRegularizer`. @throws OptionError for senseless options */
export const conv2DRegularizer = (options: PenaltyOptions): Conv2DRegularizer => new Conv2DRegularizer(options);

/** Makes saved models with these regularisers loadable; done when they are imported, and may be done again. */
export function registerRegularizers(): void {
  tf.serialization.registerClass(DenseRegularizer as never);
  tf.serialization.registerClass(Conv2DRegularizer as never);
}
