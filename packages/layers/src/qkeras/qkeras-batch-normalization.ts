import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import { base, names, type OptionNames } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import { LowerError, type Lowered, type LowerScope } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';
import { callContext } from '../quantizer/call-context.ts';
import { quantizeTensor } from './quantize-tensor.ts';
import { type QuantizerArgument, quantizerOf } from './quantizer-argument.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';
import { printQuantizer } from './quantizer-string.ts';

/** Arguments of `qkerasBatchNormalization`. */
export interface QKerasBatchNormalizationArgs extends LayerArgs {
  /** Default 0.99. */
  readonly momentum?: number | null;
  /** Default 0.001. */
  readonly epsilon?: number | null;
  /** Default true. */
  readonly center?: boolean | null;
  /** Default true. */
  readonly scale?: boolean | null;
  /** Default `quantized_relu_po2(6,2048)`; null for none. */
  readonly gammaQuantizer?: QuantizerArgument;
  /** Default `quantized_po2(5)`. */
  readonly betaQuantizer?: QuantizerArgument;
  /** Default `quantized_po2(5)`. */
  readonly meanQuantizer?: QuantizerArgument;
  /** Default `quantized_relu_po2(6,quadratic_approximation=True)`. */
  readonly varianceQuantizer?: QuantizerArgument;
  /** Quantises `γ / √(σ² + ε)` as a whole; then γ and σ² are not quantised. Default none. */
  readonly inverseQuantizer?: QuantizerArgument;
}

const roles = {
  gammaQuantizer: 'quantized_relu_po2(6,2048)',
  betaQuantizer: 'quantized_po2(5)',
  meanQuantizer: 'quantized_po2(5)',
  varianceQuantizer: 'quantized_relu_po2(6,quadratic_approximation=True)',
  inverseQuantizer: null,
} as const;
type Role = keyof typeof roles;

/** QKeras' `QBatchNormalization` over the last axis, parameters quantised. It has no fixed graph: 1/√σ² is no short number. */
export class QKerasBatchNormalization extends tf.layers.Layer implements SelfLowering {
  static readonly className = 'QKerasBatchNormalization';
  static readonly options: OptionNames = names<QKerasBatchNormalizationArgs>(
    'momentum',
    {
      ...base,
      momentum: 0,
      epsilon: 0,
      center: 0,
      scale: 0,
      gammaQuantizer: 0,
      betaQuantizer: 0,
      meanQuantizer: 0,
      varianceQuantizer: 0,
      inverseQuantizer: 0,
    },
    'qkerasBatchNormalization',
  );
  readonly quantizers: Readonly<Record<Role, QKerasQuantizer | null>>;
  private readonly momentum: number;
  private readonly epsilon: number;
  private readonly center: boolean;
  private readonly scale: boolean;
  private readonly random: () => number = seededRandom(0);
  private state: Readonly<Record<string, tf.LayerVariable>> = {};

  constructor(args: QKerasBatchNormalizationArgs) {
    super(knownOptions(args, new.target));
    this.momentum = args.momentum ?? 0.99;
    this.epsilon = args.epsilon ?? 1e-3;
    this.center = args.center ?? true;
    this.scale = args.scale ?? true;
    const entries = (Object.keys(roles) as Role[]).map((role) => [
      role,
      quantizerOf(args[role] === undefined ? roles[role] : args[role], this.name, role),
    ]);
    this.quantizers = Object.fromEntries(entries) as Record<Role, QKerasQuantizer | null>;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = [(inputShape as Shape).at(-1) as number];
    const [zeros, ones] = [tf.initializers.zeros(), tf.initializers.ones()];
    this.state = {
      ...(this.scale ? { gamma: this.addWeight('gamma', shape, 'float32', ones) } : {}),
      ...(this.center ? { beta: this.addWeight('beta', shape, 'float32', zeros) } : {}),
      mean: this.addWeight('moving_mean', shape, 'float32', zeros, undefined, false),
      variance: this.addWeight('moving_variance', shape, 'float32', ones, undefined, false),
    };
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0];
      const training = callContext(kwargs) === 'training' && this.trainable;
      const { mean, variance } = training ? this.batchMoments(x) : this.movingMoments();
      const context = { training, random: this.random };
      const q = (role: Role, value: tf.Tensor): tf.Tensor => quantizeTensor(this.quantizers[role], value, context);
      const { gamma, beta } = this.state;
      const whole = this.quantizers.inverseQuantizer != null;
      const deviation = tf.rsqrt(tf.add(whole ? variance : q('varianceQuantizer', variance), this.epsilon));
      const factor =
        gamma == null ? deviation : tf.mul(whole ? gamma.read() : q('gammaQuantizer', gamma.read()), deviation);
      const inverse = whole ? q('inverseQuantizer', factor) : factor;
      const y = tf.mul(tf.sub(x, q('meanQuantizer', mean)), inverse);
      return beta == null ? y : tf.add(y, q('betaQuantizer', beta.read()));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { momentum, epsilon, center, scale } = this;
    const quantizers = Object.entries(this.quantizers).map(([role, q]) => [role, q == null ? null : printQuantizer(q)]);
    return { ...super.getConfig(), momentum, epsilon, center, scale, ...Object.fromEntries(quantizers) };
  }

  /** @throws LowerError always */
  lowerInto(_scope: LowerScope): readonly Lowered[] {
    throw new LowerError(
      this.name,
      'its factor γ/√(σ² + ε) has no exact fixed-point value.',
      'Fold it into the layer in front of it (bnFold) and quantise that, or use qDenseBatchNorm or qConv2DBatchNorm.',
    );
  }

  private movingMoments(): { readonly mean: tf.Tensor; readonly variance: tf.Tensor } {
    return { mean: this.state['mean'].read(), variance: this.state['variance'].read() };
  }

  private batchMoments(x: tf.Tensor): { readonly mean: tf.Tensor; readonly variance: tf.Tensor } {
    const moments = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1));
    for (const name of ['mean', 'variance'] as const) {
      const moving = this.state[name];
      moving.write(tf.add(tf.mul(moving.read(), this.momentum), tf.mul(moments[name], 1 - this.momentum)));
    }
    return moments;
  }
}

/** QKeras' `QBatchNormalization`. It trains; it cannot be lowered. */
export const qkerasBatchNormalization = (args: QKerasBatchNormalizationArgs = {}): QKerasBatchNormalization =>
  new QKerasBatchNormalization(args);
