import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
/** How `betaPid` follows its target. */
export interface BetaPidOptions {
  /** EBOPs to reach. */
  readonly targetEbops: number;
  /** β while warming up; by default the β that the layers have. */
  readonly initBeta?: number;
  /** Gain on the error. Default 1. */
  readonly p?: number;
  /** Gain on the summed error. Default 2e-3. */
  readonly i?: number;
  /** Gain on the error's change. Default 0. */
  readonly d?: number;
  /** Epochs during which β is held. Default 10. */
  readonly warmup?: number;
  /** Control log10(EBOPs/target) and log10 β (default), else EBOPs/target and β themselves. */
  readonly log?: boolean;
  /** Default 0. */
  readonly minBeta?: number;
  /** Default infinite. */
  readonly maxBeta?: number;
  /** β is multiplied by `1 − damping` while EBOPs are below the target. Default 0. */
  readonly dampBetaOnTarget?: number;
}

/** All names; a record, so that none can be missing. */
const optionNames = Object.keys({
  targetEbops: 0,
  initBeta: 0,
  p: 0,
  i: 0,
  d: 0,
  warmup: 0,
  log: 0,
  minBeta: 0,
  maxBeta: 0,
  dampBetaOnTarget: 0,
} satisfies Record<keyof BetaPidOptions, 0>);

/** What the controller remembers between epochs; plain data, so that it can be stored in a checkpoint. */
export interface BetaPidState {
  /** Sum of errors; undefined until the warm-up has ended. */
  readonly integral: number | undefined;
  readonly previousError: number;
}

/** A PID controller for β; a pure step function. */
export interface BetaPid {
  readonly start: BetaPidState;
  /** β for `epoch`, from the present β and the EBOPs at the end of the epoch before. */
  next(
    state: BetaPidState,
    epoch: number,
    beta: number,
    ebops: number,
  ): { readonly state: BetaPidState; readonly beta: number };
}

/**
 * Controls β such that training ends at a wanted cost (hgq2 §5.7 `BetaPID`). At the end of the warm-up the integral is set so that the first
 * output continues the present β. In linear mode that preset uses the controller's own sign, unlike the reference (hgq2 §8.1, 11).
 *
 * @throws OptionError for unknown options, a setting that is no number, a target that is not positive, an integral gain of 0, or a lower limit above the upper.
 */
export function betaPid(options: BetaPidOptions): BetaPid {
  checkOptionNames(options, optionNames, 'betaPid');
  const { targetEbops, p = 1, i = 2e-3, d = 0, warmup = 10, log = true } = options;
  const { minBeta = 0, maxBeta = Number.POSITIVE_INFINITY, dampBetaOnTarget = 0 } = options;
  for (const [name, value] of Object.entries({
    p,
    d,
    warmup,
    initBeta: options.initBeta ?? 0,
    minBeta,
    dampBetaOnTarget,
  })) {
    if (!Number.isFinite(value)) throw new OptionError(`betaPid: ${name} ${value} is not a finite number`);
  }
  if (!(targetEbops > 0)) throw new OptionError(`betaPid: targetEbops ${targetEbops} is not positive`);
  if (!(i !== 0 && Number.isFinite(i)))
    throw new OptionError(`betaPid: integral gain i = ${i}; it must be finite and not 0`);
  if (!(minBeta <= maxBeta)) throw new OptionError(`betaPid: minBeta ${minBeta} is above maxBeta ${maxBeta}`);
  // A preset needs an error also where the ratio is 0; 1e-9 is the reference's guard.
  const error = (ebops: number, guard: number): number =>
    log ? Math.log10(ebops / targetEbops + guard) : ebops / targetEbops - 1;
  return {
    start: { integral: undefined, previousError: 0 },
    next(state, epoch, beta, ebops) {
      if (epoch < warmup) return { state, beta };
      let { integral, previousError } = state;
      if (integral === undefined) {
        const first = error(ebops, 1e-9);
        integral = ((log ? Math.log10(Math.max(beta, Number.MIN_VALUE)) : beta) - p * first) / i - first;
        previousError = first;
      }
      const now = error(Math.max(ebops, Number.MIN_VALUE), 0);
      integral += now;
      const output = p * now + i * integral + d * (now - previousError);
      const damped = (log ? 10 ** output : output) * (ebops < targetEbops ? 1 - dampBetaOnTarget : 1);
      return { state: { integral, previousError: now }, beta: Math.min(maxBeta, Math.max(minBeta, damped)) };
    },
  };
}
