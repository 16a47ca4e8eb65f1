import type { Point } from '../space.ts';
import type { Sampler } from '../trial.ts';

/** Tries these points, in their order. */
export function manualSampler(points: readonly Point[]): Sampler {
  return {
    name: 'manual',
    settings: points.map((point) => ({ ...point })),
    next: (trials) => (trials.length < points.length ? { point: points[trials.length] } : null),
  };
}
