import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';
import { checkOptionNames } from '../../option-names.ts';
import { builderOptionNames } from '../builder/build-optimizable-model.ts';
import type { HyperOptimizationOptions } from '../builder/hyper-optimization-model.ts';
import type { TunerOptions } from '../builder/tune-penalties.ts';
import { checkFunctions, checkIsObject, checkLists } from '../check-arguments.ts';
import { checkSolver } from '../knapsack/solve-knapsack.ts';
import type { MaskOptions } from '../masks/get-model-masks.ts';
import type { RankingMetric } from '../masks/scores.ts';
import type { HessianOptions } from '../training/get-model-hessians.ts';
import type { OptimizationStep } from './optimization-run.ts';
import { type PruningTraining, trainingOptionNames } from './training.ts';

/** How a model is optimised (upstream `optimize_model`). */
export interface OptimizeOptions
  extends PruningTraining,
    TunerOptions,
    HyperOptimizationOptions,
    Pick<MaskOptions, 'local' | 'normalization' | 'timeLimit'> {
  /** Of one step: so many less `rewindingEpochs` with masks, and those without. The tuner's trials have half as many. */
  readonly epochs: number;
  /**
   * A step is good when its metric is at least (where less is better: at most) this times the baseline's: e.g. 0.99 for an accuracy, 1.05 for a loss.
   */
  readonly rtol: number;
  /** By what groups are ranked. Default `'l1'`. */
  readonly rankingMetric?: RankingMetric;
  /** Epochs at the end of each step without masks, in which what was removed can grow again. Default 1. */
  readonly rewindingEpochs?: number;
  /** Ends after more bad steps in a row than this. Default 1. */
  readonly cutoffBadTrials?: number;
  /** Goes on from the last good weights after a bad step, not from the bad ones. Default false, as upstream. */
  readonly restoreAfterBad?: boolean;
  /** Default `'CBC_MIP'`. */
  readonly knapsackSolver?: MaskOptions['solver'];
  /** How second derivatives are found, for saliency. Default `'exact'`. */
  readonly hessianMethod?: HessianOptions['method'];
  /** Most images, the first ones, from which gradients and second derivatives are computed. Default all. */
  readonly derivativeImages?: number;
  /** Layers to leave as they are. Default none. */
  readonly except?: readonly string[];
  /** Removes neurons and filters of zeros in the end, and trains what is left `⌊1.5 · epochs⌋` epochs. Default: as the objective says (FLOP). */
  readonly reduce?: boolean;
  /**
   * Folder for the journal and the state (Node): the same call, with the model made as at first, goes on from there after a kill, with the same result.
   * Default: none.
   */
  readonly directory?: string | URL;
  /** Numbers to remember of the baseline, of every step and of the result: EBOPs, adders, LUTs, … */
  readonly measure?: (model: tf.LayersModel) => Readonly<Record<string, number>>;
  /** Told of every step when it is done and remembered; not of those before a kill. */
  readonly onStep?: (step: OptimizationStep) => void;
  /** Shows how far it is: usually `{ write: (text) => process.stderr.write(text), tty: process.stderr.isTTY }`. Default: nowhere. */
  readonly progress?: OptimizeProgress;
}

/** Where progress goes. */
export interface OptimizeProgress {
  /** Writes text as it is. */
  readonly write: (text: string) => void;
  /** A terminal: a bar for the present training. Otherwise, and as well, a line per step. Default false. */
  readonly tty?: boolean;
  /** Width of the terminal in characters. Default 100. */
  readonly columns?: number;
}

const ownNames = Object.keys({
  epochs: 0,
  rtol: 0,
  rankingMetric: 0,
  rewindingEpochs: 0,
  cutoffBadTrials: 0,
  restoreAfterBad: 0,
  knapsackSolver: 0,
  hessianMethod: 0,
  derivativeImages: 0,
  except: 0,
  reduce: 0,
  directory: 0,
  measure: 0,
  onStep: 0,
  progress: 0,
  local: 0,
  normalization: 0,
  timeLimit: 0,
} satisfies Record<
  Exclude<keyof OptimizeOptions, keyof PruningTraining | keyof TunerOptions | keyof HyperOptimizationOptions>,
  0
>);

/** @throws OptionError for unknown names and senseless numbers, before anything is trained */
export function checkOptimizeOptions(options: OptimizeOptions, where: string): void {
  checkIsObject(options, where);
  checkOptionNames(options, [...trainingOptionNames, ...builderOptionNames, ...ownNames], where);
  const { epochs, rtol, rewindingEpochs = 1, cutoffBadTrials = 1, derivativeImages = 1 } = options;
  const { rankingMetric = 'l1', knapsackSolver = 'CBC_MIP' } = options;
  for (const [name, value, least] of [
    ['epochs', epochs, 1],
    ['rewindingEpochs', rewindingEpochs, 0],
    ['cutoffBadTrials', cutoffBadTrials, 0],
    ['derivativeImages', derivativeImages, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new OptionError(`${where}: ${name} ${value} is not a whole number ≥ ${least}`);
    }
  }
  if (epochs <= rewindingEpochs) {
    throw new OptionError(
      `${where}: ${epochs} epochs, of which ${rewindingEpochs} are without masks (rewindingEpochs); give more epochs`,
    );
  }
  if (!(Number.isFinite(rtol) && rtol > 0)) throw new OptionError(`${where}: rtol ${rtol} is not a finite number > 0`);
  if (!['l1', 'l2', 'oracle', 'saliency'].includes(rankingMetric)) {
    throw new OptionError(`${where}: rankingMetric '${String(rankingMetric)}' is none of l1, l2, oracle, saliency`);
  }
  checkSolver(knapsackSolver, where);
  const { except, callbacks, measure, onStep, progress } = options;
  checkLists({ except, callbacks }, where);
  checkFunctions({ measure, onStep }, where);
  if (progress !== undefined && typeof progress.write !== 'function') {
    throw new OptionError(`${where}: progress.write is no function; give e.g. (text) => process.stderr.write(text)`);
  }
}
