import { OptionError } from '../../option-error.ts';

/**
 * How far a pruning has come, and where it wants to go. Plain data: it can be written to a journal and taken up again.
 */
export interface SparsityState {
  /** Sparsity now, 0 … 1. */
  readonly sparsity: number;
  /** Highest one that is known to be good, or the initial one. */
  readonly lower: number;
  /** Lowest one that is known to be bad, or the final one. */
  readonly upper: number;
  /** Steps done. */
  readonly step: number;
}

/** Whether to go on, and with what. */
export interface SparsityStep {
  readonly goes: boolean;
  readonly state: SparsityState;
}

/** Decides the sparsities to try (hls4ml §1.4); pure functions over `SparsityState`. */
export interface SparsityScheduler {
  readonly name: 'constant' | 'polynomial' | 'binary';
  readonly initial: SparsityState;
  /** Its other settings, by which a journal tells it from others. */
  readonly settings: Readonly<Record<string, number>>;
  /** The next sparsity after a good result. */
  update(state: SparsityState): SparsityStep;
  /** The next one after a bad result. */
  repair(state: SparsityState): SparsityStep;
}

/** From where to where. */
export interface SparsityRange {
  /** 0 … 1, default 0. */
  readonly initialSparsity?: number;
  /** 0 … 1, default 1. */
  readonly finalSparsity?: number;
}

/**
 * Adds `updateStep` (default 0.05) after every result, good or bad, up to the final sparsity. Sums are those of doubles, as upstream: the twentieth 0.05 from 0
 * passes 1 by the last bit and is refused.
 *
 * @throws OptionError for sparsities outside 0 … 1 and a step that is not > 0
 */
export function constantSparsity({
  updateStep = 0.05,
  ...range
}: SparsityRange & { readonly updateStep?: number } = {}): SparsityScheduler {
  if (!(updateStep > 0 && updateStep <= 1)) {
    throw new OptionError(`constantSparsity: updateStep ${updateStep} is not in 0 … 1, or is 0`);
  }
  const next = (state: SparsityState): SparsityStep => {
    const sparsity = state.sparsity + updateStep;
    if (!(sparsity <= state.upper)) return { goes: false, state };
    return { goes: true, state: { ...state, sparsity, step: state.step + 1 } };
  };
  const initial = initialState(range, 'constantSparsity');
  return { name: 'constant', initial, settings: { updateStep }, update: next, repair: next };
}

/**
 * Rises to the final sparsity in `maximumSteps` steps, fast first: `final + (initial − final) · (1 − step / maximumSteps)^decayPower`, whatever the results.
 *
 * @throws OptionError for sparsities outside 0 … 1, steps that are not a whole number ≥ 1 and a power that is not > 0
 */
export function polynomialSparsity({
  maximumSteps,
  decayPower = 3,
  ...range
}: SparsityRange & { readonly maximumSteps: number; readonly decayPower?: number }): SparsityScheduler {
  if (!Number.isInteger(maximumSteps) || maximumSteps < 1) {
    throw new OptionError(`polynomialSparsity: maximumSteps ${maximumSteps} is not a whole number ≥ 1`);
  }
  if (!(decayPower > 0 && Number.isFinite(decayPower))) {
    throw new OptionError(`polynomialSparsity: decayPower ${decayPower} is not a number > 0`);
  }
  const next = (state: SparsityState): SparsityStep => {
    if (state.step >= maximumSteps) return { goes: false, state };
    const step = state.step + 1;
    const sparsity = state.upper + (state.lower - state.upper) * (1 - step / maximumSteps) ** decayPower;
    return { goes: true, state: { ...state, sparsity, step } };
  };
  const initial = initialState(range, 'polynomialSparsity');
  return { name: 'polynomial', initial, settings: { maximumSteps, decayPower }, update: next, repair: next };
}

/**
 * Halves the interval between the highest good and the lowest bad sparsity until it is shorter than `threshold` (default 0.01).
 *
 * @throws OptionError for sparsities outside 0 … 1 and a threshold that is not > 0
 */
export function binarySparsity({
  threshold = 0.01,
  ...range
}: SparsityRange & { readonly threshold?: number } = {}): SparsityScheduler {
  if (!(threshold > 0)) throw new OptionError(`binarySparsity: threshold ${threshold} is not a number > 0`);
  const halved = (state: SparsityState): SparsityState => ({
    ...state,
    sparsity: (state.lower + state.upper) / 2,
    step: state.step + 1,
  });
  return {
    name: 'binary',
    initial: initialState(range, 'binarySparsity'),
    settings: { threshold },
    update: (state) => {
      const next = { ...state, lower: state.sparsity };
      if (state.upper - state.sparsity >= threshold) return { goes: true, state: halved(next) };
      return { goes: false, state: next };
    },
    repair: (state) => {
      const next = { ...state, upper: state.sparsity };
      if (state.sparsity - state.lower >= threshold) return { goes: true, state: halved(next) };
      return { goes: false, state: next };
    },
  };
}

function initialState({ initialSparsity = 0, finalSparsity = 1 }: SparsityRange, where: string): SparsityState {
  for (const [name, value] of Object.entries({ initialSparsity, finalSparsity })) {
    if (!(value >= 0 && value <= 1)) throw new OptionError(`${where}: ${name} ${value} is not in 0 … 1`);
  }
  return { sparsity: initialSparsity, lower: initialSparsity, upper: finalSparsity, step: 0 };
}
