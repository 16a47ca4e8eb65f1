import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { channelMean, channelVariance, normalisingScale } from '../ops/moments.ts';
import { mul, sub } from '../ops/tf.ts';
import { StateVariable } from '../quantizer/state-variable.ts';
import { type Initializer, type InitializerLike, initializerConfig, initializerOf } from './initializer.ts';

/** Arguments of everything that normalises batches, as Keras calls them. */
export interface BatchNormArgs {
  /** Share of the old moving statistics that a training step keeps. Default 0.99. */
  readonly momentum?: number | null;
  /** Added to the variance. Default 1e-3. */
  readonly epsilon?: number | null;
  /** Whether there is a trainable offset. Default true. */
  readonly center?: boolean | null;
  /** Whether there is a trainable scale. Default true. */
  readonly scale?: boolean | null;
  /** Default zeros. */
  readonly betaInitializer?: InitializerLike | null;
  /** Default ones. */
  readonly gammaInitializer?: InitializerLike | null;
  /** Default zeros. */
  readonly movingMeanInitializer?: InitializerLike | null;
  /** Default ones. */
  readonly movingVarianceInitializer?: InitializerLike | null;
}

/** Their names, but for what layers without a bias of their own have not. */
export const batchNormOptions = {
  momentum: 0,
  epsilon: 0,
  center: 0,
  scale: 0,
  gammaInitializer: 0,
  movingMeanInitializer: 0,
  movingVarianceInitializer: 0,
} as const;

/** Factor and offset per channel that normalise: `y = x · scale + offset`. */
export interface Fused {
  readonly scale: tf.Tensor1D;
  readonly offset: tf.Tensor1D;
  /** The mean that `offset` subtracts, times `scale`. */
  readonly mean: tf.Tensor1D;
}

/** How a layer adds a weight: name, channels, initial values, whether it is trained. */
type AddWeight = (name: string, channels: number, initializer: Initializer, trainable: boolean) => tf.LayerVariable;

/**
 * Parameters and moving statistics of a batch normalisation over the last axis, for layers to own. Variables are called
 * as in the reference: `bn_gamma`, `bn_beta`, `moving_mean`, `moving_variance`; `beta` is the weight of the EBOPs.
 */
export class BatchNormState {
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  private readonly initializers: Readonly<Record<'beta' | 'gamma' | 'movingMean' | 'movingVariance', Initializer>>;
  private variables: {
    readonly gamma: tf.LayerVariable | null;
    readonly beta: tf.LayerVariable | null;
    readonly mean: StateVariable;
    readonly variance: StateVariable;
  } | null = null;

  constructor(args: BatchNormArgs, where: string) {
    this.momentum = between(args.momentum ?? 0.99, 0, 1, where, 'momentum');
    this.epsilon = between(args.epsilon ?? 1e-3, 0, Number.MAX_VALUE, where, 'epsilon');
    this.center = args.center ?? true;
    this.scale = args.scale ?? true;
    this.initializers = {
      beta: initializerOf(args.betaInitializer, 'zeros', where),
      gamma: initializerOf(args.gammaInitializer, 'ones', where),
      movingMean: initializerOf(args.movingMeanInitializer, 'zeros', where),
      movingVariance: initializerOf(args.movingVarianceInitializer, 'ones', where),
    };
  }

  /** Trained factor `[channels]`, or null. */
  get gamma(): tf.LayerVariable | null {
    return this.built().gamma;
  }

  /** Trained offset `[channels]`, or null. */
  get beta(): tf.LayerVariable | null {
    return this.built().beta;
  }

  /** The settings as plain data for `getConfig`. */
  config(): tf.serialization.ConfigDict {
    const { beta, gamma, movingMean, movingVariance } = this.initializers;
    return {
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializerConfig(beta),
      gammaInitializer: initializerConfig(gamma),
      movingMeanInitializer: initializerConfig(movingMean),
      movingVarianceInitializer: initializerConfig(movingVariance),
    };
  }

  /** Creates the variables. `withBeta` false: the layer has an offset of its own already. */
  build(channels: number, addWeight: AddWeight, withBeta: boolean): void {
    const { beta, gamma, movingMean, movingVariance } = this.initializers;
    this.variables = {
      gamma: this.scale ? addWeight('bn_gamma', channels, gamma, true) : null,
      beta: withBeta && this.center ? addWeight('bn_beta', channels, beta, true) : null,
      mean: new StateVariable(addWeight('moving_mean', channels, movingMean, false)),
      variance: new StateVariable(addWeight('moving_variance', channels, movingVariance, false)),
    };
  }

  /**
   * Factor and offset for the statistics of `batch`, which the moving statistics then follow; without a batch, for the
   * moving statistics. Differentiable in the batch too, through its moments.
   *
   * @param batch data to normalise, channels last, or null
   * @param center the layer's own offset in place of `bn_beta`
   */
  fuse(batch: tf.Tensor | null, center: tf.Tensor | null = this.beta?.read() ?? null): Fused {
    const { gamma, mean, variance } = this.built();
    const moments =
      batch == null
        ? { mean: mean.variable, variance: variance.variable }
        : { mean: channelMean(batch), variance: channelVariance(batch) };
    if (batch != null) {
      this.follow(mean, moments.mean);
      this.follow(variance, moments.variance);
    }
    const scale = normalisingScale(gamma?.read() ?? null, moments.variance, this.epsilon);
    const shift = mul(moments.mean, scale);
    const offset = center == null ? mul(shift, -1) : sub(center, shift);
    return { scale, offset: offset as tf.Tensor1D, mean: moments.mean as tf.Tensor1D };
  }

  private follow(moving: StateVariable, batch: tf.Tensor): void {
    const now = batch.dataSync<'float32'>();
    moving.assign(moving.values.map((old, c) => old * this.momentum + now[c] * (1 - this.momentum)));
  }

  private built(): NonNullable<typeof this.variables> {
    if (this.variables == null)
      throw new LayerError(
        'A batch normalisation is used before its layer was built. Apply the layer to an input first.',
      );
    return this.variables;
  }
}

function between(value: number, low: number, high: number, where: string, option: string): number {
  if (value >= low && value <= high) return value;
  throw new LayerError(`${where}: ${option} = ${value}; expected a number from ${low} to ${high}.`, { option, value });
}
