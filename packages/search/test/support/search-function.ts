import { hypervolume, makeSampler, type Trial } from '../../src/index.ts';
import { vectorOf } from '../../src/objectives/objectives.ts';
import type { SamplerSettings } from '../../src/samplers/settings.ts';
import { type KnownFunction, zdtReference } from './functions.ts';

/** Searches a function without a study: the trials that a sampler makes of it, each seeing those before the last `lag`. */
export function searchFunction(
  { space, objectives, of }: KnownFunction,
  sampler: SamplerSettings,
  count: number,
  seed: number,
  lag = 0,
): Trial[] {
  const { next } = makeSampler(sampler, { space, objectives, constraints: [], seed });
  const trials: Trial[] = [];
  const points: Trial['point'][] = [];
  for (let number = 0; number < count; number++) {
    const ended = lag === 0 ? trials : trials.slice(0, Math.max(0, number - lag));
    const point = next(number, { ended, points });
    if (point === null) break;
    points.push(point);
    trials.push({ number, point, state: 'finished', metrics: of(point), rungs: [], seconds: 0 });
  }
  return trials;
}

/** The lowest value among trials of a function with one objective. */
export function lowest(trials: readonly Trial[]): number {
  return Math.min(...trials.map(({ metrics }) => metrics['y']));
}

/** The hypervolume of trials of a function with two. */
export function volumeOf(
  trials: readonly Trial[],
  { objectives }: KnownFunction,
  reference: readonly number[] = zdtReference,
): number {
  return hypervolume(
    trials.map(({ metrics }) => vectorOf(metrics, { objectives, constraints: [] })),
    reference,
  );
}
