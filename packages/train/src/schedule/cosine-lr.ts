import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { atLeast, type LrSchedule } from './lr-schedule.ts';

/** Length and shape of a cosine schedule. */
export interface CosineOptions {
  /** Epochs after which the final rate is reached. */
  readonly epochs: number;
  /** Optimizer steps per epoch. */
  readonly stepsPerEpoch: number;
  /** Epochs of linear rise from 0 to `lr0` before the decay; they count among `epochs`. Default 0. */
  readonly warmup?: number;
  /** Final rate as a share of `lr0`. Default 0. */
  readonly alpha?: number;
}

/**
 * Cosine decay: `lr0 · ((1 − α) · ½(1 + cos(π · s / S)) + α)`, constant after step `S` (as Keras' `CosineDecay`).
 *
 * @example
 * await fit(model, data, { epochs: 60, learningRate: cosineLr(3e-3, { epochs: 60, stepsPerEpoch: 23 }) });
 * @throws OptionError for unknown options, a rate below 0, no step at all, or a warm-up as long as the schedule.
 */
export function cosineLr(lr0: number, options: CosineOptions): LrSchedule {
  checkOptionNames(options, ['epochs', 'stepsPerEpoch', 'warmup', 'alpha'], 'cosineLr');
  const { epochs, stepsPerEpoch, warmup = 0, alpha = 0 } = options;
  atLeast(lr0, 0, 'cosineLr: lr0');
  atLeast(alpha, 0, 'cosineLr: alpha');
  const rise = atLeast(warmup, 0, 'cosineLr: warmup') * atLeast(stepsPerEpoch, 1, 'cosineLr: stepsPerEpoch');
  const fall = epochs * stepsPerEpoch - rise;
  if (!(fall > 0))
    throw new OptionError(`cosineLr: warmup of ${warmup} epochs leaves nothing of ${epochs} epochs to decay in`);
  return (step) => {
    if (step < rise) return (lr0 * (step + 1)) / (rise + 1);
    return lr0 * cosine(Math.min(1, (step - rise) / fall), alpha);
  };
}

/** Shape of a cosine schedule with restarts. */
export interface RestartOptions {
  /** Epochs of the first period. */
  readonly epochs: number;
  /** Optimizer steps per epoch. */
  readonly stepsPerEpoch: number;
  /** Each period is this many times as long as the one before. Default 2. */
  readonly lengthen?: number;
  /** Each period starts at this share of the one before. Default 1. */
  readonly shrink?: number;
  /** Rate at the end of a period as a share of `lr0`. Default 0. */
  readonly alpha?: number;
}

/** Cosine decay that jumps back up at the end of each period (as Keras' `CosineDecayRestarts`). @throws OptionError for unknown and senseless options. */
export function cosineRestartsLr(lr0: number, options: RestartOptions): LrSchedule {
  checkOptionNames(options, ['epochs', 'stepsPerEpoch', 'lengthen', 'shrink', 'alpha'], 'cosineRestartsLr');
  const { epochs, stepsPerEpoch, lengthen = 2, shrink = 1, alpha = 0 } = options;
  atLeast(lr0, 0, 'cosineRestartsLr: lr0');
  atLeast(alpha, 0, 'cosineRestartsLr: alpha');
  atLeast(lengthen, 1, 'cosineRestartsLr: lengthen');
  atLeast(shrink, 0, 'cosineRestartsLr: shrink');
  const first = atLeast(epochs * stepsPerEpoch, 1, 'cosineRestartsLr: epochs · stepsPerEpoch');
  return (step) => {
    let start = 0;
    let length = first;
    let peak = lr0;
    while (step >= start + length) {
      start += length;
      length *= lengthen;
      peak *= shrink;
    }
    return peak * cosine((step - start) / length, alpha);
  };
}

/** One stretch of a piecewise constant schedule. */
export interface LrPiece {
  /** First optimizer step of this rate. */
  readonly from: number;
  readonly lr: number;
}

/** A constant rate per stretch; before the first `from` the first rate holds. @throws OptionError without pieces. */
export function piecewiseLr(pieces: readonly LrPiece[]): LrSchedule {
  if (pieces.length === 0) throw new OptionError('piecewiseLr: no pieces; give at least one { from, lr }');
  const sorted = [...pieces].sort((a, b) => a.from - b.from);
  for (const { lr, from } of sorted) {
    atLeast(from, 0, 'piecewiseLr: from');
    atLeast(lr, 0, 'piecewiseLr: lr');
  }
  return (step) => (sorted.findLast((piece) => piece.from <= step) ?? sorted[0]).lr;
}

function cosine(share: number, alpha: number): number {
  return (1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * share)) + alpha;
}
