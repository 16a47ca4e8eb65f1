import { SearchError } from '../errors.ts';
import type { Metrics, Trial } from '../study/trial.ts';
import { crowding, fronts, type Vector } from './dominance.ts';

/** A measured quantity to be made large or small. */
export interface Objective {
  readonly metric: string;
  readonly direction: 'max' | 'min';
}

/** A measured quantity that has to keep within limits; a network that does not is worse than any that does. */
export interface Constraint {
  readonly metric: string;
  readonly most?: number;
  readonly least?: number;
}

/** What a study wants. */
export interface Goals {
  readonly objectives: readonly Objective[];
  readonly constraints: readonly Constraint[];
}

/** @throws SearchError for objectives and constraints that make no sense */
export function checkGoals({ objectives, constraints }: Goals, where: string): void {
  if (!Array.isArray(objectives) || objectives.length === 0) {
    throw new SearchError(`${where}: no objectives; give e.g. [{ metric: 'valAccuracy', direction: 'max' }]`);
  }
  for (const { metric, direction } of objectives) {
    if (typeof metric !== 'string' || metric === '') {
      throw new SearchError(`${where}: an objective has no metric; name a measured quantity such as 'valAccuracy'`);
    }
    if (direction !== 'max' && direction !== 'min') {
      throw new SearchError(`${where}: direction '${String(direction)}' of '${metric}' is none of max, min`);
    }
  }
  if (new Set(objectives.map(({ metric }) => metric)).size < objectives.length) {
    throw new SearchError(`${where}: a metric stands twice among the objectives; leave one of them out`);
  }
  if (!Array.isArray(constraints)) throw new SearchError(`${where}: constraints are no list`);
  for (const { metric, most, least } of constraints) {
    const limits = [most, least].filter((limit) => limit !== undefined);
    if (typeof metric !== 'string' || limits.length === 0 || !limits.every(Number.isFinite)) {
      throw new SearchError(
        `${where}: constraint ${JSON.stringify({ metric, most, least })}; give a metric and a finite 'most' or 'least'`,
      );
    }
    if (most !== undefined && least !== undefined && least > most) {
      throw new SearchError(`${where}: '${metric}' cannot be at least ${least} and at most ${most}`);
    }
  }
}

/** The metrics of objectives and constraints, each once. */
export function goalNames({ objectives, constraints }: Goals): readonly string[] {
  return [...new Set([...objectives, ...constraints].map(({ metric }) => metric))];
}

/**
 * The objectives as a vector to be made small.
 *
 * @throws SearchError when one of them was not measured
 */
export function vectorOf(metrics: Metrics, { objectives }: Goals): Vector {
  return objectives.map(({ metric, direction }) => {
    const value = metrics[metric];
    if (value === undefined) throw new SearchError(notMeasured(metric, metrics));
    return direction === 'min' ? value : -value;
  });
}

/** By how much constraints are broken, as shares of their limits; 0: all are kept. */
export function violationOf(metrics: Metrics, { constraints }: Goals): number {
  return constraints.reduce((sum, { metric, most, least }) => {
    const value = metrics[metric];
    if (value === undefined) throw new SearchError(notMeasured(metric, metrics));
    const over = most === undefined ? 0 : Math.max(0, value - most) / (Math.abs(most) || 1);
    const under = least === undefined ? 0 : Math.max(0, least - value) / (Math.abs(least) || 1);
    return sum + over + under;
  }, 0);
}

function notMeasured(metric: string, metrics: Metrics): string {
  return `'${metric}' is not measured; what is: ${Object.keys(metrics).join(', ') || 'nothing'}`;
}

/** Finished trials that keep all constraints and that no other such trial dominates, by number. Of equal ones all. */
export function paretoTrials(trials: readonly Trial[], goals: Goals): readonly Trial[] {
  const feasible = trials.filter((trial) => trial.state === 'finished' && violationOf(trial.metrics, goals) === 0);
  const [best = []] = fronts(
    feasible.map(({ metrics }) => vectorOf(metrics, goals)),
    1,
  );
  return best.map((index) => feasible[index]);
}

/** A trial among others: fewer numbers first. */
export interface Standing {
  readonly trial: Trial;
  /** 0: finished within the constraints; 1: finished outside; 2: pruned; 3: failed. */
  readonly kind: number;
  /** Within its kind: number of its front, violation of constraints, or minus the epochs it came to. */
  readonly level: number;
  /** Of equals the lonelier one is worth more. */
  readonly crowding: number;
}

/**
 * Trials, best first: those that are finished and keep the constraints by fronts and within a front the lonely ones first, then those that break
 * constraints by how much, then pruned ones by how far they came, then failed ones.
 *
 * @param enough fronts are made until so many trials are in them; the rest stands behind them in one
 */
export function standings(trials: readonly Trial[], goals: Goals, enough: number = trials.length): readonly Standing[] {
  const feasible: Trial[] = [];
  const others: Standing[] = [];
  for (const trial of trials) {
    const lonely = { trial, crowding: 0 };
    if (trial.state === 'failed') others.push({ ...lonely, kind: 3, level: 0 });
    else if (trial.state === 'pruned') others.push({ ...lonely, kind: 2, level: -(trial.rungs.at(-1)?.epochs ?? 0) });
    else {
      const violation = violationOf(trial.metrics, goals);
      if (violation > 0) others.push({ ...lonely, kind: 1, level: violation });
      else feasible.push(trial);
    }
  }
  const vectors = feasible.map(({ metrics }) => vectorOf(metrics, goals));
  const layers = [...fronts(vectors, enough)];
  const placed = new Set(layers.flat());
  if (placed.size < feasible.length) layers.push(feasible.map((_, j) => j).filter((j) => !placed.has(j)));
  const ranked = layers.flatMap((front, level) => {
    const distance = crowding(front.map((index) => vectors[index]));
    return front.map((index, j) => ({ trial: feasible[index], kind: 0, level, crowding: distance[j] }));
  });
  return [...ranked, ...others].sort(byStanding);
}

/** Better ones first; of equal ones the earlier trial. */
export function byStanding(a: Standing, b: Standing): number {
  if (a.kind !== b.kind) return a.kind - b.kind;
  if (a.level !== b.level) return a.level - b.level;
  // Infinite minus infinite is no number.
  if (a.crowding !== b.crowding) return b.crowding > a.crowding ? 1 : -1;
  return a.trial.number - b.trial.number;
}
