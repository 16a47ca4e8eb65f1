import { SearchError } from '../errors.ts';
import { dominates, type Vector } from '../objectives/dominance.ts';
import type { Metrics, RungCheck, Trial } from '../study/trial.ts';

/** What is compared at a rung. */
export interface RungMetric {
  readonly metric: string;
  readonly direction: 'max' | 'min';
}

/**
 * Few epochs for many trials, and more for the best of them. `asha`: every trial starts at the first rung; `hyperband`: trials are dealt to brackets that begin to
 * choose at the first, second, … rung, and compare among themselves.
 */
export interface PrunerSettings {
  readonly kind: 'asha' | 'hyperband';
  /** Epochs of the first rung; the next ones are `factor` times as far, below the epochs of a whole trial. */
  readonly minEpochs: number;
  /** Epochs of a trial that goes all the way. */
  readonly maxEpochs: number;
  /** One in so many goes on. Default 3. */
  readonly factor?: number;
  /** What is compared at the rungs; of several by how many others a trial is dominated. Has to be known while training. */
  readonly by: readonly RungMetric[];
}

/** Trials at a rung that are compared with: the latest ones. */
const PEERS = 200;

/** @throws SearchError for settings that make no sense */
export function checkPruner(settings: PrunerSettings, where: string): void {
  const { kind, minEpochs, maxEpochs, factor = 3, by } = settings;
  if (kind !== 'asha' && kind !== 'hyperband') {
    throw new SearchError(`${where}: pruner '${String(kind)}' is none of asha, hyperband`);
  }
  for (const [name, value, least] of [
    ['minEpochs', minEpochs, 1],
    ['maxEpochs', maxEpochs, 1],
    ['factor', factor, 2],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new SearchError(`${where}: ${name} ${value} of the pruner is not a whole number ≥ ${least}`);
    }
  }
  if (!Array.isArray(by) || by.length === 0 || by.some(({ direction }) => direction !== 'max' && direction !== 'min')) {
    throw new SearchError(
      `${where}: 'by' of the pruner names nothing to compare; give e.g. [{ metric: 'valAccuracy', direction: 'max' }]`,
    );
  }
}

/** Epochs of all rungs below a whole trial. */
export function rungEpochs({ minEpochs, maxEpochs, factor = 3 }: PrunerSettings): readonly number[] {
  const epochs: number[] = [];
  for (let at = minEpochs; at < maxEpochs; at *= factor) epochs.push(at);
  return epochs;
}

/**
 * The rungs of a trial, with what those before it had there: successive halving as each trial meets it (Li et al. 2020), but compared with a fixed part of the study
 * instead of whoever came first, so that a study is the same every time.
 *
 * @param ended the trials whose results may count
 */
export function rungChecks(
  settings: PrunerSettings | undefined,
  number: number,
  ended: readonly Trial[],
): readonly RungCheck[] {
  if (settings === undefined) return [];
  const { kind, factor = 3, by } = settings;
  const epochs = rungEpochs(settings);
  const brackets = kind === 'asha' ? 1 : epochs.length + 1;
  const bracket = number % brackets;
  const signs = by.map(({ metric, direction }) => [metric, direction === 'min' ? 1 : -1] as const);
  return epochs.slice(bracket).map((at) => {
    const peers: Vector[] = [];
    for (let j = ended.length - 1; j >= 0 && peers.length < PEERS; j--) {
      if (ended[j].number % brackets !== bracket) continue;
      const rung = ended[j].rungs.find((one) => one.epochs === at);
      if (rung !== undefined) peers.push(vectorAt(signs, rung.metrics));
    }
    return { epochs: at, by: signs, peers, factor };
  });
}

function vectorAt(by: RungCheck['by'], metrics: Metrics): Vector {
  return by.map(([metric, sign]) => {
    if (metrics[metric] === undefined) {
      throw new SearchError(
        `the pruner compares '${metric}', which is not known while training; what is: ${Object.keys(metrics).join(', ')}`,
      );
    }
    return sign * metrics[metric];
  });
}

/**
 * Whether a trial goes on: with one measure, when it is among the best `1 / factor` of all that were there, itself included; with several, when so few of
 * the others dominate it. Who comes early goes on: there is nobody to compare with.
 */
export function goesOn({ by, peers, factor }: RungCheck, metrics: Metrics): boolean {
  const own = vectorAt(by, metrics);
  const above = (vector: Vector): number => peers.reduce((sum, peer) => sum + (dominates(peer, vector) ? 1 : 0), 0);
  const places = Math.max(1, Math.ceil((peers.length + 1) / factor));
  const mine = above(own);
  const better = peers.reduce((sum, peer) => sum + (above(peer) < mine ? 1 : 0), 0);
  return better < places;
}
