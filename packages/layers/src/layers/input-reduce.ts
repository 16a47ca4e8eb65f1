import { roundHalfEven } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { nonZeros } from '../backend/non-zeros.ts';
import { LayerError } from '../layer-error.ts';
import { type ActivePixels, rememberActivePixels } from '../ops/active-pixels.ts';
import { applyMask } from '../ops/apply-mask.ts';
import { hostOp } from '../ops/host-op.ts';
import { hostValues } from '../ops/host-view.ts';
import { tidy } from '../ops/tf.ts';
import { callContext } from '../quantizer/call-context.ts';
import { minMax } from '../quantizer/constraint.ts';
import { StateVariable } from '../quantizer/state-variable.ts';
import { type KeepSettings, keepMask, softKeepGradient, softKeepMask } from './keep-mask.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { PairOutputLayer } from './output-layers.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';

/** Arguments of `inputReduce`; names and defaults of sparsepixels 0.3.0, `betaMaskedE` of later versions. */
export interface InputReduceArgs extends LayerArgs {
  /** Initial pixel budget; training keeps it within 1 … 4·n. Default 30. */
  readonly n?: number;
  /** Initial threshold ≥ 0: a pixel is active when its first channel exceeds it. Default 0. */
  readonly threshold?: number;
  /** Weight of `n` in the loss (only when `learnN`). Default 1e-5. */
  readonly betaN?: number;
  /**
   * Weight of the mean share of each image's intensity that the mask drops. Keeps a learned threshold from swallowing the
   * signal. Negative pixels are never kept and count as no intensity: shares are of the positive sum, between 0 and 1.
   * Default 0, as in sparsepixels 0.3.0; later versions use 1.
   */
  readonly betaMaskedE?: number;
  /** Train the budget. Default true. */
  readonly learnN?: boolean;
  /** Train the threshold. Default true. */
  readonly learnThreshold?: boolean;
  /** Softness of the threshold in the surrogate gradient, in units of the input. Default 0.05. */
  readonly tauThreshold?: number;
  /** Softness of the budget in the surrogate gradient, in pixels. Default 1. */
  readonly tauN?: number;
}

/** Keeps the first `n` active pixels of an image; see `inputReduce`. */
export class InputReduce extends PairOutputLayer {
  static readonly className = 'InputReduce';
  static readonly options: OptionNames = names<InputReduceArgs>('n', {
    ...base,
    n: 0,
    threshold: 0,
    betaN: 0,
    betaMaskedE: 0,
    learnN: 0,
    learnThreshold: 0,
    tauThreshold: 0,
    tauN: 0,
  });
  readonly n: number;
  readonly initialThreshold: number;
  readonly betaN: number;
  readonly betaMaskedE: number;
  readonly learnN: boolean;
  readonly learnThreshold: boolean;
  readonly tauThreshold: number;
  readonly tauN: number;
  private state: { readonly threshold: StateVariable; readonly fraction: StateVariable } | null = null;
  /** Input of the training pass under way, for the masked-intensity term, which is evaluated right after it. */
  private lastInput: { readonly x: tf.Tensor; readonly values: Float32Array } | null = null;

  constructor(args: InputReduceArgs = {}) {
    super(args);
    this.n = checked(this.name, 'n', args.n ?? 30, (n) => Number.isFinite(n) && n >= 1, 'a number ≥ 1');
    const atLeastZero = (value: number): boolean => Number.isFinite(value) && value >= 0;
    this.initialThreshold = checked(this.name, 'threshold', args.threshold ?? 0, atLeastZero, 'a number ≥ 0');
    this.betaN = checked(this.name, 'betaN', args.betaN ?? 1e-5, atLeastZero, 'a number ≥ 0');
    this.betaMaskedE = checked(this.name, 'betaMaskedE', args.betaMaskedE ?? 0, atLeastZero, 'a number ≥ 0');
    this.learnN = args.learnN ?? true;
    this.learnThreshold = args.learnThreshold ?? true;
    const positive = (value: number): boolean => Number.isFinite(value) && value > 0;
    this.tauThreshold = checked(this.name, 'tauThreshold', args.tauThreshold ?? 0.05, positive, 'a number > 0');
    this.tauN = checked(this.name, 'tauN', args.tauN ?? 1, positive, 'a number > 0');
  }

  /** Number of slots to deploy: the budget, rounded half to even. */
  get nMaxPixels(): number {
    return roundHalfEven(this.budget());
  }

  /** Current threshold. */
  get threshold(): number {
    return this.state == null ? this.initialThreshold : this.state.threshold.values[0];
  }

  /** Variables behind the read-outs, for importers: the threshold, and the budget as a fraction of the initial `n`. */
  get variables(): { readonly threshold: StateVariable; readonly fraction: StateVariable } {
    if (this.state == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.state;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    if (shape.length !== 4 || shape.slice(1).some((extent) => extent == null)) {
      throw new LayerError(
        `Layer '${this.name}': expected images [batch, H, W, C] of known size, got [${shape.join(', ')}]. Give the images a channel axis.`,
        { option: 'inputShape', value: shape },
      );
    }
    const constant = (value: number): ReturnType<typeof tf.initializers.constant> =>
      tf.initializers.constant({ value });
    const theta = this.addWeight(
      'threshold',
      [],
      'float32',
      constant(this.initialThreshold),
      undefined,
      this.learnThreshold,
    );
    const fraction = this.addWeight('n_frac', [], 'float32', constant(1), undefined, this.learnN);
    this.state = {
      threshold: new StateVariable(theta, minMax(0, Infinity)),
      fraction: new StateVariable(fraction, minMax(1 / this.n, 4)),
    };
    if (this.learnN && this.betaN !== 0) this.addLoss(() => this.budgetLoss());
    if (this.betaMaskedE !== 0) this.addLoss(() => this.maskedIntensityLoss());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor[] {
    const [x] = ownTensors(inputs, this.name);
    if (callContext(kwargs) === 'training' && this.betaMaskedE !== 0) {
      this.lastInput = { x, values: hostValues(x) };
    }
    return tidy(() => {
      const mask = this.mask(x);
      return [applyMask(x, mask), mask];
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const shape = inputShape as Shape;
    return [shape, [...shape.slice(0, -1), 1]];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { n, initialThreshold, betaN, betaMaskedE, learnN, learnThreshold, tauThreshold, tauN } = this;
    return {
      ...super.getConfig(),
      n,
      threshold: initialThreshold,
      betaN,
      betaMaskedE,
      learnN,
      learnThreshold,
      tauThreshold,
      tauN,
    };
  }

  private budget(): number {
    return this.state == null ? this.n : Math.fround(this.n * this.state.fraction.values[0]);
  }

  private settings(): KeepSettings {
    return { n: this.budget(), threshold: this.threshold, tauN: this.tauN, tauThreshold: this.tauThreshold };
  }

  /** Exact selection forward; the gradient is that of the soft mask. Without a learned setting there is no gradient. */
  private mask(x: tf.Tensor): tf.Tensor {
    const { threshold, fraction } = this.variables;
    const [batch, height, width, channels] = x.shape;
    const pixels = height * width;
    const learns = this.learnN || this.learnThreshold;
    const inputs = learns ? [x, threshold.variable, fraction.variable] : [x];
    let pixelSets: ActivePixels = { active: new Int32Array(), candidates: new Int32Array() };
    const mask = hostOp(inputs, ([values]) => {
      const settings = this.settings();
      const scores = firstChannel(values, channels);
      const keep = keepMask(scores, pixels, settings);
      const active = nonZeros(keep).slice();
      // The soft mask is 0, and flat, where the score is not positive.
      pixelSets = { active, candidates: learns ? pixelsWith(scores, (score) => score > 0) : active };
      return {
        values: keep,
        shape: [batch, height, width, 1],
        gradient: (dy) => {
          if (!learns) return [null];
          const gradient = softKeepGradient(scores, (index) => dy[index], pixels, settings);
          return [
            spreadChannel(gradient.scores, channels),
            new Float32Array([gradient.threshold]),
            new Float32Array([gradient.n * this.n]),
          ];
        },
      };
    });
    rememberActivePixels(mask, pixelSets);
    return mask;
  }

  private budgetLoss(): tf.Scalar {
    return hostOp([this.variables.fraction.variable], ([fraction]) => ({
      values: new Float32Array([this.betaN * this.n * fraction[0]]),
      shape: [],
      gradient: ([dy]) => [new Float32Array([this.betaN * this.n * dy])],
    })) as tf.Scalar;
  }

  /**
   * `betaMaskedE · mean(Σ s(1 − k̃) / (Σ s + 1e-6))` over the images of the training pass (sparsepixels §4, later), where
   * s is the score, or 0 if that is negative: the reference has no such pixels, and a sum near 0 would make any loss of it.
   * `model.apply` disposes what its layers saw before the losses are asked for; the values are kept for that, and only
   * a gradient to trainable layers in front of this one is lost then. 0 outside a training pass.
   */
  private maskedIntensityLoss(): tf.Scalar {
    if (this.lastInput == null) return tf.scalar(0);
    const { x, values } = this.lastInput;
    this.lastInput = null;
    const { threshold, fraction } = this.variables;
    const [batch, height, width, channels] = x.shape;
    const pixels = height * width;
    const detached = x.isDisposed;
    const learned = [threshold.variable, fraction.variable];
    return hostOp(detached ? learned : [x, ...learned], () => {
      const settings = this.settings();
      const scores = firstChannel(values, channels);
      const keep = softKeepMask(scores, pixels, settings);
      const share = new Float64Array(batch);
      const total = new Float64Array(batch);
      for (let j = 0; j < scores.length; j++) {
        const image = Math.floor(j / pixels);
        // Math.max lets NaN through to the loss.
        const score = Math.max(scores[j], 0);
        share[image] += score * (1 - keep[j]);
        total[image] += score;
      }
      const scale = this.betaMaskedE / batch;
      const value = share.reduce((sum, dropped, image) => sum + dropped / (total[image] + 1e-6), 0) * scale;
      return {
        values: new Float32Array([value]),
        shape: [],
        gradient: ([dy]) => {
          const weight = (j: number): number => (dy * scale) / (total[Math.floor(j / pixels)] + 1e-6);
          const gradient = softKeepGradient(scores, (j) => -weight(j) * scores[j], pixels, settings);
          const toLearned = [new Float32Array([gradient.threshold]), new Float32Array([gradient.n * this.n])];
          if (detached) return toLearned;
          const direct = gradient.scores.map((through, j) => {
            if (scores[j] < 0) return 0;
            const image = Math.floor(j / pixels);
            return through + weight(j) * (1 - keep[j] - share[image] / (total[image] + 1e-6));
          });
          return [spreadChannel(direct, channels), ...toLearned];
        },
      };
    }) as tf.Scalar;
  }
}

/**
 * Keeps the first `n` pixels, in raster order, whose first channel exceeds `threshold`, and zeroes the others
 * (sparsepixels §1.1). Input `[batch, H, W, C]`; outputs `[x, mask]` of shapes `[batch, H, W, C]` and
 * `[batch, H, W, 1]`, to be handed to the other sparse layers together.
 *
 * The selection is exact in every call. With `learnN` or `learnThreshold` a soft mask provides the gradients.
 * Read-outs: `layer.nMaxPixels`, `layer.threshold`.
 *
 * @throws if `n < 1`, `threshold < 0`, or the images have no fixed size.
 * @example
 * const [x, mask] = inputReduce({ n: 24, threshold: 0.4 }).apply(input);
 */
export function inputReduce(args: InputReduceArgs = {}): InputReduce {
  return new InputReduce(args);
}

function firstChannel(values: Float32Array, channels: number): Float32Array {
  return channels === 1
    ? values
    : Float32Array.from({ length: values.length / channels }, (_, p) => values[p * channels]);
}

function pixelsWith(scores: Float32Array, test: (score: number) => boolean): Int32Array {
  const found: number[] = [];
  for (let p = 0; p < scores.length; p++) if (test(scores[p])) found.push(p);
  return Int32Array.from(found);
}

function spreadChannel(scores: Float32Array, channels: number): Float32Array {
  if (channels === 1) return scores;
  const spread = new Float32Array(scores.length * channels);
  for (let p = 0; p < scores.length; p++) spread[p * channels] = scores[p];
  return spread;
}

function checked(
  layer: string,
  name: string,
  value: number,
  valid: (value: number) => boolean,
  expected: string,
): number {
  if (!valid(value))
    throw new LayerError(`Layer '${layer}': ${name} = ${value}; expected ${expected}.`, { option: name, value });
  return value;
}
