import { randomSource } from '@sp/train';
import type { Space } from '@sp/train/internal';
import { describe, expect, it } from 'vitest';
import { branin, hartmann6, type KnownFunction, zdt } from '../../test/support/functions.ts';
import { lowest, searchFunction, volumeOf } from '../../test/support/search-function.ts';
import { choice, float, integer, log } from '../index.ts';
import { haltonPlaces } from './halton-sampler.ts';
import { makeSampler } from './make-sampler.ts';
import type { SamplerSettings } from './settings.ts';

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const kinds = ['random', 'halton', 'tpe', 'nsga2'] as const;
const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

describe('one objective', () => {
  // The published optima, and how near the median of 20 searches has to come.
  it.each([
    ["Branin's", branin, 50, 0.2],
    ["Hartmann's, 6 variables", hartmann6, 60, 0.75],
  ] as const)('%s: TPE comes near the optimum, nearer than random points', (_, known, trials, margin) => {
    const found = (kind: SamplerSettings['kind']): number[] =>
      seeds.map((seed) => lowest(searchFunction(known, { kind }, trials, seed)) - known.lowest);
    const [tpe, random] = [found('tpe'), found('random')];
    expect(Math.min(...tpe)).toBeGreaterThan(-1e-5);
    expect(middle(tpe)).toBeLessThan(margin);
    expect(middle(tpe)).toBeLessThan(0.5 * middle(random));
    expect(seeds.filter((seed) => tpe[seed] < random[seed]).length).toBeGreaterThanOrEqual(16);
  });

  it('TPE is better than random points too when it does not see the last 8 trials', () => {
    const wins = seeds.filter(
      (seed) =>
        lowest(searchFunction(hartmann6, { kind: 'tpe' }, 90, seed, 8)) <
        lowest(searchFunction(hartmann6, { kind: 'random' }, 90, seed)),
    );
    expect(wins.length).toBeGreaterThanOrEqual(16);
  });
});

describe('two objectives', () => {
  // Few trials come near no front: the reference lies where the worst values are.
  const reference = [1.1, 11];
  it.each([1, 2, 3] as const)('ZDT%i: TPE and NSGA-II dominate more than random points', (which) => {
    const known: KnownFunction = zdt(which, 6);
    const volumes = (kind: SamplerSettings['kind'], trials: number): number[] =>
      seeds.map((seed) => volumeOf(searchFunction(known, { kind }, trials, seed), known, reference));
    for (const [kind, trials] of [
      ['tpe', 50],
      ['nsga2', 250],
    ] as const) {
      const [found, random] = [volumes(kind, trials), volumes('random', trials)];
      expect(seeds.filter((seed) => found[seed] > random[seed]).length, kind).toBeGreaterThanOrEqual(18);
      expect(middle(found)).toBeGreaterThan(middle(random));
    }
  });
});

describe('Halton', () => {
  it('fills the square more evenly than chance', () => {
    const halton = seeds.map((seed) => {
      const places = haltonPlaces(2, seed);
      return Array.from({ length: 100 }, (_, j) => places(j));
    });
    const random = seeds.map((seed) => {
      const source = randomSource(seed);
      return Array.from({ length: 100 }, () => [source.unit(), source.unit()]);
    });
    expect(Math.max(...halton.map(discrepancy))).toBeLessThan(Math.min(...random.map(discrepancy)));
    for (const point of halton.flat(2)) expect(point >= 0 && point < 1).toBe(true);
  });

  it('has as many points in every box of a base as it has to', () => {
    const places = haltonPlaces(3, 5);
    const points = Array.from({ length: 30 }, (_, j) => places(j));
    for (const [axis, base] of [2, 3, 5].entries()) {
      const boxes = Array.from({ length: base }, (_, b) => points.filter((p) => Math.floor(p[axis] * base) === b));
      expect(boxes.map(({ length }) => length)).toEqual(Array(base).fill(30 / base));
    }
  });
});

/** Warnock's L2 star discrepancy, squared. */
function discrepancy(points: readonly (readonly number[])[]): number {
  const n = points.length;
  const one = points.reduce((sum, p) => sum + p.reduce((product, x) => product * (1 - x * x), 1), 0);
  const two = points.reduce(
    (sum, p) => sum + points.reduce((s, q) => s + p.reduce((product, x, j) => product * (1 - Math.max(x, q[j])), 1), 0),
    0,
  );
  return 3 ** -2 - (2 ** -1 * one) / n + two / n ** 2;
}

/** A network's: a number of layers, and what exists of each. */
const layered: Space = {
  layers: integer(1, 3),
  filters1: integer(1, 8),
  filters2: integer(1, 8, { when: { parameter: 'layers', is: [2, 3] } }),
  pool2: choice(['max', 'average'], { when: { parameter: 'layers', is: [2, 3] } }),
  filters3: integer(1, 8, { when: { parameter: 'layers', is: [3] } }),
  beta: log(1e-8, 1e-4),
};

describe.each(kinds)('the sampler %s', (kind) => {
  const known: KnownFunction = {
    space: layered,
    objectives: [
      { metric: 'a', direction: 'max' },
      { metric: 'b', direction: 'min' },
    ],
    of: ({ layers, filters1, filters3 = 0, beta }) => ({
      a: Number(layers) + Number(filters3) + Math.log10(Number(beta)),
      b: Number(filters1) * Number(layers),
    }),
  };

  it('gives points of the space only, with the parameters that exist', () => {
    const trials = searchFunction(known, { kind }, 120, 3, 8);
    expect(trials).toHaveLength(120);
    for (const { point } of trials) {
      const expected = Object.keys(layered).filter(
        (name) => !/[23]/.test(name) || Number(/\d/.exec(name)) <= Number(point['layers']),
      );
      expect(Object.keys(point)).toEqual(expected);
    }
    expect(new Set(trials.map(({ point }) => JSON.stringify(point))).size).toBe(120);
  });

  it('tries nothing twice and ends with the space', () => {
    const space = {
      a: choice(['x', 'y', 'z']),
      b: integer(1, 3),
      c: choice([1, 2], { when: { parameter: 'a', is: ['x'] } }),
    };
    const trials = searchFunction(
      { ...known, space, of: ({ b }) => ({ a: Number(b), b: -Number(b) }) },
      { kind },
      40,
      1,
    );
    expect(trials).toHaveLength(12);
  });

  it('depends on seed, number and history only, not on what it was asked before', () => {
    const trials = searchFunction(known, { kind }, 60, 7, 4);
    expect(searchFunction(known, { kind }, 60, 7, 4)).toEqual(trials);
    expect(searchFunction(known, { kind }, 60, 8, 4)).not.toEqual(trials);
    for (const number of [0, 5, 33, 59]) {
      const { next } = makeSampler({ kind }, { ...known, constraints: [], seed: 7 });
      const history = {
        ended: trials.slice(0, Math.max(0, number - 4)),
        points: trials.slice(0, number).map((t) => t.point),
      };
      expect(next(number, history)).toEqual(trials[number].point);
    }
  });
});

it('constraints count before objectives, and pruned and failed trials last', () => {
  const space = { x: float(0, 1) };
  const search = {
    space,
    objectives: [{ metric: 'y', direction: 'max' as const }],
    constraints: [{ metric: 'x', most: 0.5 }],
    seed: 2,
  };
  for (const kind of ['tpe', 'nsga2'] as const) {
    const sampler = makeSampler(kind === 'tpe' ? { kind } : { kind, population: 8 }, search);
    const points: { x: number }[] = [];
    const ended = [];
    for (let number = 0; number < 60; number++) {
      const point = sampler.next(number, { ended, points }) as { x: number };
      points.push(point);
      const metrics = { x: point.x, y: point.x };
      const state = point.x < 0.05 ? 'failed' : point.x < 0.1 ? 'pruned' : 'finished';
      const rungs = state === 'pruned' ? [{ epochs: 1, metrics }] : [];
      ended.push({ number, point, state, metrics: state === 'finished' ? metrics : {}, rungs, seconds: 0 } as const);
    }
    // The best point that keeps the constraint is 0.5.
    const late = points.slice(30).map(({ x }) => x);
    expect(late.filter((x) => Math.abs(x - 0.5) < 0.1).length, kind).toBeGreaterThan(18);
  }
});
