import type * as tf from '@tensorflow/tfjs';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { applyUnary, type UnaryFunction } from '../ops/unary-function.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { isDyadic, nearestDyadic } from './dyadic.ts';
import { knownOptions } from './known-options.ts';
import { type Names, names, type OptionNames, without } from './option-list.ts';
import { QLayer, type QLayerArgs, qLayerOptions, type Shape } from './q-layer.ts';

/** Arguments of `qRelu`. */
export interface QReluArgs extends Omit<QLayerArgs, 'enableEbops' | 'beta0' | 'ebopsFactor'> {
  /** Outputs stop here. Default null: nowhere. */
  readonly maxValue?: number | null;
  /** Factor on negative inputs. Default 0. */
  readonly negativeSlope?: number | null;
  /** Quantise the input first. Default false, whatever the scope says. */
  readonly enableIq?: boolean | null;
}

const options: Names<QReluArgs> = {
  ...without(qLayerOptions, 'enableEbops', 'beta0', 'ebopsFactor'),
  maxValue: 0,
  negativeSlope: 0,
};

/** Rectifier; see `qRelu`. */
export class QRelu extends QLayer {
  static readonly className = 'QRelu';
  static readonly options: OptionNames = names<QReluArgs>('maxValue', options);
  readonly maxValue: number | null;
  readonly negativeSlope: number;

  constructor(args: QReluArgs = {}) {
    super({ ...knownOptions(args, new.target), enableEbops: false, enableIq: args.enableIq ?? false });
    this.maxValue = args.maxValue ?? null;
    this.negativeSlope = args.negativeSlope ?? 0;
    const { maxValue, negativeSlope } = this;
    if (maxValue != null && !(maxValue > 0)) {
      throw new LayerError(`Layer '${this.name}': maxValue = ${maxValue}; expected a number > 0.`, {
        option: 'maxValue',
        value: maxValue,
      });
    }
    for (const [name, value] of Object.entries({ maxValue, negativeSlope })) {
      if (value == null || isDyadic(value)) continue;
      throw new LayerError(
        `Layer '${this.name}': ${name} = ${value} has no short binary form, so hardware cannot have it exactly. ` +
          `Use ${nearestDyadic(value)}.`,
      );
    }
  }

  /** Models saved before have settings of EBOPs here, which a rectifier never counts. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { enableEbops: _, beta0: __, ebopsFactor: ___, ...options } = config;
    return new cls(options);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return inputShape as Shape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { enableEbops: _, beta0: __, ebopsFactor: ___, ...config } = super.getConfig();
    return { ...config, maxValue: this.maxValue, negativeSlope: this.negativeSlope };
  }

  protected override buildInner(): void {}

  protected override forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return applyUnary(this.unary(), this.quantisedInput(x, context));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return {};
  }

  protected override costOperands(): readonly CostOperand[] {
    return [];
  }

  protected override costFunction(): CostFunction {
    return () => ({ value: 0, gradients: [] });
  }

  private unary(): UnaryFunction {
    const { negativeSlope } = this;
    const most = this.maxValue ?? Infinity;
    return {
      value: (x) => Math.min(x > 0 ? x : x * negativeSlope, most),
      slope: (x) => (x > most ? 0 : x > 0 ? 1 : negativeSlope),
    };
  }
}

/**
 * `min(x, maxValue)` where x is positive, `negativeSlope · x` elsewhere; any shape. Costs no EBOPs. Constants must be
 * short binary fractions (0.25, 6), so that hardware computes the same numbers.
 *
 * @throws on constants without a short binary form; the message has the nearest one.
 * @example
 * const y = qRelu({ maxValue: 6 }).apply(x);
 */
export function qRelu(args: QReluArgs = {}): QRelu {
  return new QRelu(args);
}

/** Arguments of `qLeakyRelu`. */
export interface QLeakyReluArgs extends Omit<QReluArgs, 'negativeSlope'> {
  /** Factor on negative inputs, a short binary fraction. Default 0.25 (Keras' 0.3 is none). */
  readonly alpha?: number | null;
}

const leakyReluOptions = names<QLeakyReluArgs>(
  'alpha',
  { ...without(options, 'negativeSlope'), alpha: 0 },
  'qLeakyRelu',
);

/** `qRelu` with a slope on the negative side: x where it is positive, `alpha · x` elsewhere. */
export function qLeakyRelu(options: QLeakyReluArgs = {}): QRelu {
  const { alpha, ...args } = knownOptions(options, leakyReluOptions);
  return new QRelu({ ...args, negativeSlope: alpha ?? 0.25 });
}
