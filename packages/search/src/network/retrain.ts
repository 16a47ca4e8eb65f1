import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathOf } from '@sp/quant/files';
import type { Json } from '@sp/train/internal';
import { choice } from '@sp/train/tune';
import { SearchError } from '../errors.ts';
import { paretoTrials } from '../objectives/objectives.ts';
import { runStudy } from '../run/run-study.ts';
import { integer } from '../space.ts';
import { openStudy } from '../study/study.ts';
import type { Metrics, Trial } from '../study/trial.ts';
import { type ExportedFirmware, exportNetwork } from './export-network.ts';
import type { NetworkSettings } from './network-settings.ts';
import { type RetrainSettings, retrainedFolder } from './retrain-problem.ts';

/** What is trained again, how often, and where it goes. */
export interface RetrainOptions {
  /** Folder of a study over networks. */
  readonly study: string | URL;
  /** Folder for networks and firmware; made when absent. */
  readonly out: string | URL;
  /** Numbers of its trials. Default: those that no other beats. */
  readonly trials?: readonly number[];
  /** From seeds 1 … so many. Default 5. */
  readonly seeds?: number;
  /** Epochs of each training. Default: as many as a whole trial of the study. */
  readonly epochs?: number;
  /** Worker processes. Default: as many as cores. */
  readonly workers?: number;
  /** Whether the best one of each trial, on held-out images, is exported as firmware and verified. Default true. */
  readonly firmware?: boolean;
  readonly signal?: AbortSignal;
  readonly onTrial?: (trial: Trial) => void;
  readonly say?: (line: string) => void;
}

/** Mean and spread over seeds: the standard deviation of a sample, 0 of one. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
}

/** A trial of a study, trained from several seeds. */
export interface RetrainedNetwork {
  readonly trial: number;
  /** By seed; trainings that failed are left out. */
  readonly runs: readonly { readonly seed: number; readonly metrics: Metrics }[];
  /** Of every metric, `testAccuracy` among them. */
  readonly spread: Readonly<Record<string, Spread>>;
  /** The seed with the best accuracy on held-out images, and its firmware. */
  readonly best?: { readonly seed: number; readonly firmware?: ExportedFirmware };
}

/**
 * Trains trials of a study again from several seeds, all the way or longer, on all cores, and says how much luck was in them; then exports the best of each as firmware, compared with the compiled
 * C++. The test images choose nothing. Killed, the same call goes on.
 *
 * @throws SearchError for a study that is none over networks, trials that it does not have or that have not finished; as `runStudy`
 * @example
 * const [{ spread }] = await retrain({ study: 'runs/digits', out: 'runs/chosen', trials: [12], seeds: 5 });
 * console.log(spread.testAccuracy.mean, spread.testAccuracy.deviation);
 */
export async function retrain(options: RetrainOptions): Promise<readonly RetrainedNetwork[]> {
  const { study, seeds = 5, firmware = true, signal, say = console.warn } = options;
  const out = resolve(pathOf(options.out));
  if (!Number.isInteger(seeds) || seeds < 1) throw new SearchError(`retrain: seeds ${seeds} is not a whole number ≥ 1`);
  const { epochs } = options;
  if (epochs !== undefined && (!Number.isInteger(epochs) || epochs < 1)) {
    throw new SearchError(`retrain: epochs ${epochs} is not a whole number ≥ 1`);
  }
  const { network: own, chosen } = await chosenTrials(study, options.trials);
  const network = { ...own, ...(epochs !== undefined && { epochs }) };
  const settings: RetrainSettings = {
    network,
    points: Object.fromEntries(chosen.map(({ number, point }) => [number, point])),
    out,
  };
  const { trials, stopped } = await runStudy({
    folder: join(out, 'study'),
    settings: {
      space: { trial: choice(chosen.map(({ number }) => number)), seed: integer(1, seeds) },
      objectives: [{ metric: 'valAccuracy', direction: 'max' }],
      sampler: { kind: 'random' },
      trials: chosen.length * seeds,
      lag: 1000,
      problem: { module: fileURLToPath(problemFile()), settings: settings as unknown as Json },
    },
    ...(options.workers !== undefined && { workers: options.workers }),
    ...(signal !== undefined && { signal }),
    ...(options.onTrial !== undefined && { onTrial: options.onTrial }),
    say,
  });
  const found: RetrainedNetwork[] = [];
  for (const { number, point } of chosen) {
    const runs = trials
      .filter((one) => one.point['trial'] === number && one.state === 'finished')
      .map((one) => ({ seed: Number(one.point['seed']), metrics: one.metrics }))
      .sort((a, b) => a.seed - b.seed);
    if (runs.length === 0) {
      found.push({ trial: number, runs, spread: {} });
      continue;
    }
    const best = runs.reduce((a, b) => (b.metrics['valAccuracy'] > a.metrics['valAccuracy'] ? b : a));
    const target = join(out, `trial-${String(number).padStart(4, '0')}`, 'firmware');
    const exported =
      firmware && stopped === 'finished'
        ? await exportNetwork(retrainedFolder(out, number, best.seed), point, network, target)
        : undefined;
    found.push({
      trial: number,
      runs,
      spread: spreads(runs.map(({ metrics }) => metrics)),
      best: { seed: best.seed, ...(exported !== undefined && { firmware: exported }) },
    });
  }
  return found;
}

async function chosenTrials(
  place: string | URL,
  numbers: readonly number[] | undefined,
): Promise<{ readonly network: NetworkSettings; readonly chosen: readonly Trial[] }> {
  const study = await openStudy(place, null);
  const { settings, trials } = study;
  await study.close();
  const { module, settings: own } = settings.problem;
  if (module !== undefined) {
    throw new SearchError(`the study '${study.folder}' is of '${module}'; only networks can be trained again`);
  }
  const network = (own ?? {}) as NetworkSettings;
  const epochs = network.epochs ?? settings.pruner?.maxEpochs;
  const chosen =
    numbers === undefined
      ? paretoTrials(trials, settings)
      : numbers.map((number) => {
          const trial = trials.find((one) => one.number === number);
          if (trial?.state === 'finished') return trial;
          throw new SearchError(`the study '${study.folder}' has no finished trial ${number}; see sp-search status`);
        });
  if (chosen.length === 0) throw new SearchError(`the study '${study.folder}' has no trial to train again`);
  return { network: { ...network, ...(epochs !== undefined && { epochs }) }, chosen };
}

/** The compiled problem: beside this file, or where the repository's own tests, which run the sources, have it. */
function problemFile(): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? '../../dist/network/retrain-problem.js' : './retrain-problem.js', url);
}

function spreads(all: readonly Metrics[]): Readonly<Record<string, Spread>> {
  return Object.fromEntries(Object.keys(all[0]).map((name) => [name, spreadOf(all.map((one) => one[name]))]));
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length < 2 ? 0 : Math.sqrt(square / (values.length - 1));
  return { mean, deviation, low: Math.min(...values), high: Math.max(...values) };
}
