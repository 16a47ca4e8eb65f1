import { type ModelState, modelState, restoreState } from '@sp/layers';
import { earlyStopping } from '../../monitor/early-stopping.ts';
import { OptionError } from '../../option-error.ts';
import { TrainingError } from '../../training-error.ts';
import { bayesianSampler } from '../../tune/samplers/bayesian-sampler.ts';
import { hyperbandSampler } from '../../tune/samplers/hyperband-sampler.ts';
import { randomSampler } from '../../tune/samplers/random-sampler.ts';
import type { Point } from '../../tune/space.ts';
import type { Json, Sampler, Trial } from '../../tune/trial.ts';
import { type PendingTrial, type TrialOutcome, tune } from '../../tune/tune.ts';
import type { Trainer } from '../optimize/training.ts';
import { type HyperOptimizationModel, LEARNING_RATE } from './hyper-optimization-model.ts';
import { memoryStore, type StateStore } from './state-store.ts';

/** How strengths are found: by upstream's names, at random, or by a sampler of your own. */
export type Tuner = 'Bayesian' | 'Hyperband' | 'Manual' | 'random' | Sampler;

/** How to look for strengths. */
export interface TunerOptions {
  /**
   * Default `'Bayesian'`, of 10 trials. `'Manual'` trains nothing and takes the first of the range; `'Hyperband'` gives few epochs to many (factor 3).
   */
  readonly tuner?: Tuner;
  /** Most trials. Default 10; with `'Hyperband'` and a sampler of your own: none. */
  readonly tunerTrials?: number;
}

/** The strengths that were found. */
export interface TunedPenalties {
  readonly point: Point;
  readonly trials: readonly Trial[];
  /** What was trained with them; null: nothing. */
  readonly state: ModelState | null;
  readonly stopped: 'finished' | 'aborted';
}

/** Where trials are remembered. */
export interface TuningPlace {
  readonly journal: string;
  readonly states: StateStore;
  readonly settings: Readonly<Record<string, Json>>;
}

/**
 * Trains the model with regularisers of different strengths, from the same weights each time, for at most `epochs`, ended early when the loss on the validation data
 * does not fall, and finds those with the best metric on the validation data (upstream takes that on the training data, which says nothing of what is learned).
 * The model has its weights of before afterwards.
 *
 * @throws OptionError for an unknown tuner
 */
export async function tunePenalties(
  hyper: HyperOptimizationModel,
  trainer: Trainer,
  epochs: number,
  { tuner = 'Bayesian', tunerTrials }: TunerOptions,
  options: {
    readonly place?: TuningPlace | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onTrial?: (trial: Trial) => void;
  },
  where: string,
): Promise<TunedPenalties> {
  const { model, space } = hyper;
  if (typeof tuner === 'string' && !['Bayesian', 'Hyperband', 'Manual', 'random'].includes(tuner)) {
    throw new OptionError(
      `${where}: unknown tuner '${tuner}' (known: Bayesian, Hyperband, Manual, random; or a sampler)`,
    );
  }
  if (space === null) return { point: {}, trials: [], state: null, stopped: 'finished' };
  if (tuner === 'Manual') {
    return { point: hyper.first, trials: [], state: null, stopped: 'finished' };
  }
  const most = tunerTrials ?? (tuner === 'Bayesian' || tuner === 'random' ? 10 : undefined);
  const start = modelState(model);
  const { place, signal, onTrial } = options;
  const states = place?.states ?? memoryStore();
  const run = async (trial: PendingTrial): Promise<TrialOutcome> => {
    const before = trial.from === undefined ? start : await states.load(trial.from);
    restoreState(model, before);
    const from = trial.from === undefined ? 0 : await states.epochs(trial.from);
    const total = Math.min(epochs, trial.epochs ?? epochs);
    const rate = trial.point[LEARNING_RATE];
    try {
      if (total > from) {
        await trainer.train(model, {
          epochs: total,
          initialEpoch: from,
          stream: [0x7475, trial.number],
          rules: { penalties: hyper.penaltiesAt(trial.point) },
          watchesValidation: true,
          callbacks: [earlyStopping({ monitor: 'valLoss', mode: 'min', patience: 1 })],
          ...(typeof rate === 'number' && { learningRate: rate }),
        });
      }
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error;
      return { value: Number.NaN, reason: error.message };
    }
    if (signal?.aborted) return { value: Number.NaN };
    const value = await trainer.measure(model);
    await states.save(trial.number, modelState(model), total);
    return { value };
  };
  try {
    const { best, trials, stopped } = await tune({
      space,
      sampler: samplerOf(tuner, epochs),
      direction: trainer.direction,
      run,
      seed: trainer.seed,
      ...(most !== undefined && { trials: most }),
      ...(place !== undefined && { journal: place.journal, settings: place.settings }),
      ...(signal !== undefined && { signal }),
      ...(onTrial !== undefined && { onTrial }),
    });
    if (stopped === 'aborted') return { point: {}, trials, state: null, stopped };
    if (best === null) {
      throw new OptionError(`${where}: all ${trials.length} trials of the tuner failed: ${trials[0]?.reason ?? ''}`);
    }
    return { point: best.point, trials, state: await states.load(best.number), stopped };
  } finally {
    restoreState(model, start);
  }
}

function samplerOf(tuner: Exclude<Tuner, 'Manual'>, maxEpochs: number): Sampler {
  switch (tuner) {
    case 'Bayesian':
      return bayesianSampler();
    case 'random':
      return randomSampler();
    case 'Hyperband':
      return hyperbandSampler({ maxEpochs });
    default:
      return tuner;
  }
}
