import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { applyUnary, type UnaryFunction } from '../ops/unary-function.ts';
import { ArrayLayer } from './array-layer.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { unaryFunction } from './unary-functions.ts';

/** Base of plain layers that apply one function of one number to every element, the same on every backend. */
export abstract class FunctionLayer extends ArrayLayer {
  /** The function with this layer's constants. */
  abstract get unary(): UnaryFunction;

  protected override compute(x: tf.Tensor): tf.Tensor {
    return applyUnary(this.unary, x);
  }
}

/** Arguments of `rectifier`. */
export interface RectifierArgs extends LayerArgs {
  /** Outputs stop here. Default null: nowhere. */
  readonly maxValue?: number | null;
  /** Factor below the threshold. Default 0. */
  readonly negativeSlope?: number | null;
  /** Inputs from here on pass. Default 0. */
  readonly threshold?: number | null;
}

/** Keras' ReLU with all its settings; see `rectifier`. */
export class Rectifier extends FunctionLayer {
  static readonly className = 'Rectifier';
  static readonly options: OptionNames = names<RectifierArgs>('maxValue', {
    ...base,
    maxValue: 0,
    negativeSlope: 0,
    threshold: 0,
  });
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  constructor(args: RectifierArgs = {}) {
    super(args);
    this.maxValue = args.maxValue ?? null;
    this.negativeSlope = args.negativeSlope ?? 0;
    this.threshold = args.threshold ?? 0;
    if (this.maxValue != null && !(this.maxValue >= 0)) {
      throw new LayerError(`Layer '${this.name}': maxValue = ${this.maxValue}; expected a number ≥ 0.`, {
        option: 'maxValue',
        value: this.maxValue,
      });
    }
  }

  override get unary(): UnaryFunction {
    // As float32 tensors hold them.
    const most = this.maxValue == null ? Infinity : Math.fround(this.maxValue);
    const [slope, threshold] = [Math.fround(this.negativeSlope), Math.fround(this.threshold)];
    return {
      value: (x) => (x >= threshold ? Math.min(x, most) : slope * Math.fround(x - threshold) + 0),
      slope: (x) => (x < threshold ? slope : x < most && x > threshold ? 1 : 0),
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { maxValue, negativeSlope, threshold } = this;
    return { ...super.getConfig(), maxValue, negativeSlope, threshold };
  }
}

/** `min(x, maxValue)` from `threshold` on, `negativeSlope · (x − threshold)` below: Keras' ReLU and LeakyReLU. */
export function rectifier(args: RectifierArgs = {}): Rectifier {
  return new Rectifier(args);
}

/** Arguments of `exponentialLinear`. */
export interface ExponentialLinearArgs extends LayerArgs {
  /** Limit of the negative side. Default 1. */
  readonly alpha?: number | null;
}

/** ELU with any alpha; see `exponentialLinear`. */
export class ExponentialLinear extends FunctionLayer {
  static readonly className = 'ExponentialLinear';
  static readonly options: OptionNames = names<ExponentialLinearArgs>('alpha', { ...base, alpha: 0 });
  readonly alpha: number;

  constructor(args: ExponentialLinearArgs = {}) {
    super(args);
    this.alpha = args.alpha ?? 1;
  }

  override get unary(): UnaryFunction {
    const { alpha } = this;
    return {
      value: (x) => (x > 0 ? x : alpha * Math.expm1(x)),
      slope: (x) => (x > 0 ? 1 : alpha * Math.exp(x)),
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** x where it is positive, `alpha · (eˣ − 1)` elsewhere: Keras' ELU, whose alpha tfjs fixes to 1. */
export function exponentialLinear(args: ExponentialLinearArgs = {}): ExponentialLinear {
  return new ExponentialLinear(args);
}

/** Arguments of `clip`. */
export interface ClipArgs extends LayerArgs {
  /** Default −∞. */
  readonly min?: number | null;
  /** Default ∞. */
  readonly max?: number | null;
}

/** Values cut to an interval; see `clip`. */
export class Clip extends FunctionLayer {
  static readonly className = 'Clip';
  static readonly options: OptionNames = names<ClipArgs>('min', { ...base, min: 0, max: 0 });
  readonly min: number | null;
  readonly max: number | null;

  constructor(args: ClipArgs) {
    super(args);
    this.min = args.min ?? null;
    this.max = args.max ?? null;
  }

  override get unary(): UnaryFunction {
    const [low, high] = [Math.fround(this.min ?? -Infinity), Math.fround(this.max ?? Infinity)];
    return {
      value: (x) => Math.min(Math.max(x, low), high),
      slope: (x) => (x > low && x < high ? 1 : 0),
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), min: this.min, max: this.max };
  }
}

/** `min(max(x, min), max)`. */
export function clip(args: ClipArgs): Clip {
  return new Clip(args);
}

/** Arguments of `elementFunction`. */
export interface ElementFunctionArgs extends LayerArgs {
  /** Name of the function: 'tanh', 'gelu', …, or one of `registerUnaryFunction`. */
  readonly activation: string;
}

/** A function by name; see `elementFunction`. */
export class ElementFunction extends FunctionLayer {
  static readonly className = 'ElementFunction';
  static readonly options: OptionNames = names<ElementFunctionArgs>('activation', { ...base, activation: 0 });
  readonly activation: string;

  constructor(args: ElementFunctionArgs) {
    super(args);
    this.activation = args.activation;
    unaryFunction(this.activation, this.name);
  }

  override get unary(): UnaryFunction {
    return unaryFunction(this.activation, this.name);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), activation: this.activation };
  }
}

/**
 * Any function of one number, without quantizers. Computed in double precision and rounded to float32, so that a table
 * behind the next quantizer holds the very same numbers.
 *
 * @throws on an unknown function.
 */
export function elementFunction(args: ElementFunctionArgs): ElementFunction {
  return new ElementFunction(args);
}
