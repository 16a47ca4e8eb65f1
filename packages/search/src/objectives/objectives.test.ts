import { randomSource } from '@sp/train';
import { describe, expect, it } from 'vitest';
import type { Trial } from '../study/trial.ts';
import { crowding, dominates, fronts, type Vector } from './dominance.ts';
import { hypervolume } from './hypervolume.ts';
import { checkGoals, paretoTrials, standings, violationOf } from './objectives.ts';

const random = randomSource(4);
const vectors = (count: number, axes: number, grid: number): Vector[] =>
  Array.from({ length: count }, () => Array.from({ length: axes }, () => random.below(grid) / grid));

describe('fronts', () => {
  it('are what their definition says, with equal vectors too', () => {
    for (const axes of [1, 2, 3]) {
      const all = vectors(60, axes, 6);
      const found = fronts(all);
      expect(found.flat().sort((a, b) => a - b)).toEqual(all.map((_, j) => j));
      const left = new Set(all.keys());
      for (const front of found) {
        const expected = [...left].filter((j) => ![...left].some((k) => dominates(all[k], all[j])));
        expect(front).toEqual(expected);
        for (const j of front) left.delete(j);
      }
    }
  });

  it('need not be made to the end', () => {
    const all = vectors(200, 2, 50);
    const some = fronts(all, 20);
    expect(some).toEqual(fronts(all).slice(0, some.length));
    expect(some.flat().length).toBeGreaterThanOrEqual(20);
    expect(some.slice(0, -1).flat().length).toBeLessThan(20);
  });

  it('the ends of one are loneliest', () => {
    const distances = crowding([
      [0, 4],
      [1, 2],
      [1.5, 1.5],
      [4, 0],
    ]);
    expect([...distances]).toEqual([
      Number.POSITIVE_INFINITY,
      1.5 / 4 + 2.5 / 4,
      3 / 4 + 2 / 4,
      Number.POSITIVE_INFINITY,
    ]);
    expect([...crowding([[1, 1]])]).toEqual([Number.POSITIVE_INFINITY]);
  });
});

describe('hypervolume', () => {
  it('counts cells of a grid', () => {
    for (const axes of [1, 2, 3, 4]) {
      const grid = 4;
      const all = vectors(7, axes, grid);
      let cells = 0;
      for (let cell = 0; cell < grid ** axes; cell++) {
        const corner = Array.from({ length: axes }, (_, j) => Math.floor(cell / grid ** j) % grid);
        if (all.some((vector) => vector.every((value, j) => value * grid <= corner[j]))) cells++;
      }
      expect(hypervolume(all, Array(axes).fill(1))).toBeCloseTo(cells / grid ** axes, 12);
    }
  });

  it('is 0 of nothing within, and refuses other lengths', () => {
    expect(hypervolume([[2, 0]], [1, 1])).toBe(0);
    expect(() => hypervolume([[1]], [1, 1])).toThrow('a vector of 1 numbers and a reference of 2');
  });
});

describe('goals', () => {
  const goals = {
    objectives: [
      { metric: 'accuracy', direction: 'max' as const },
      { metric: 'lut', direction: 'min' as const },
    ],
    constraints: [{ metric: 'latency', most: 10 }],
  };
  const trial = (number: number, accuracy: number, lut: number, latency: number, more = {}): Trial => ({
    number,
    point: {},
    state: 'finished',
    metrics: { accuracy, lut, latency },
    rungs: [],
    seconds: 0,
    ...more,
  });
  const trials = [
    trial(0, 0.9, 100, 9),
    trial(1, 0.8, 200, 9),
    trial(2, 0.99, 10, 20),
    trial(3, 0.95, 300, 10),
    trial(4, 0, 0, 0, { state: 'failed', metrics: {} }),
    trial(5, 0, 0, 0, { state: 'pruned', metrics: {}, rungs: [{ epochs: 3, metrics: {} }] }),
    trial(6, 0, 0, 0, { state: 'pruned', metrics: {}, rungs: [{ epochs: 9, metrics: {} }] }),
    trial(7, 0.99, 10, 11),
  ];

  it('make a front of those that keep the limits', () => {
    expect(paretoTrials(trials, goals).map(({ number }) => number)).toEqual([0, 3]);
    expect(violationOf({ latency: 15 }, goals)).toBe(0.5);
    expect(violationOf({ latency: 0 }, { ...goals, constraints: [{ metric: 'latency', least: 0.5 }] })).toBe(1);
  });

  it('order the others by how far they are from counting', () => {
    expect(standings(trials, goals).map(({ trial: { number } }) => number)).toEqual([0, 3, 1, 7, 2, 6, 5, 4]);
  });

  it('are refused where they make no sense', () => {
    const bad =
      (more: object): (() => void) =>
      () =>
        checkGoals({ ...goals, ...more }, 'study');
    expect(bad({ objectives: [] })).toThrow('no objectives; give e.g.');
    expect(bad({ objectives: [{ metric: 'a', direction: 'up' }] })).toThrow(
      "direction 'up' of 'a' is none of max, min",
    );
    expect(bad({ objectives: [goals.objectives[0], goals.objectives[0]] })).toThrow('a metric stands twice');
    expect(bad({ constraints: [{ metric: 'lut' }] })).toThrow("give a metric and a finite 'most' or 'least'");
    expect(bad({ constraints: [{ metric: 'lut', least: 2, most: 1 }] })).toThrow('cannot be at least 2 and at most 1');
    expect(() => paretoTrials([trial(0, 1, 1, 1, { metrics: { lut: 1 } })], goals)).toThrow(
      "'latency' is not measured; what is: lut",
    );
  });
});
