import { randomSource } from '@sp/train';
import { describe, expect, it } from 'vitest';
import type { Trial } from '../study/trial.ts';
import { checkPruner, goesOn, type PrunerSettings, rungChecks, rungEpochs } from './pruner.ts';

const asha: PrunerSettings = {
  kind: 'asha',
  minEpochs: 2,
  maxEpochs: 30,
  by: [{ metric: 'accuracy', direction: 'max' }],
};

const trial = (number: number, rungs: Trial['rungs']): Trial => ({
  number,
  point: {},
  state: 'pruned',
  metrics: {},
  rungs,
  seconds: 0,
});

describe('rungs', () => {
  it('are a factor apart, below a whole trial', () => {
    expect(rungEpochs(asha)).toEqual([2, 6, 18]);
    expect(rungEpochs({ ...asha, factor: 2 })).toEqual([2, 4, 8, 16]);
    expect(rungEpochs({ ...asha, maxEpochs: 18 })).toEqual([2, 6]);
    expect(rungChecks(undefined, 3, [])).toEqual([]);
  });

  it('let one in three go on, and who comes first', () => {
    const random = randomSource(1);
    const ended: Trial[] = [];
    let went = 0;
    for (let number = 0; number < 300; number++) {
      const accuracy = random.unit();
      const [first] = rungChecks(asha, number, ended);
      expect(first.peers).toHaveLength(Math.min(200, number));
      if (goesOn(first, { accuracy })) went++;
      ended.push(trial(number, [{ epochs: 2, metrics: { accuracy } }]));
    }
    expect(Math.abs(went - 100)).toBeLessThan(20);
    expect(goesOn(rungChecks(asha, 0, [])[0], { accuracy: 0 })).toBe(true);
    expect(goesOn(rungChecks(asha, 300, ended)[0], { accuracy: 2 })).toBe(true);
    expect(goesOn(rungChecks(asha, 300, ended)[0], { accuracy: -1 })).toBe(false);
  });

  it('compare several measures by who dominates whom: small networks are not given up for being small', () => {
    const two: PrunerSettings = { ...asha, by: [...asha.by, { metric: 'ebops', direction: 'min' }] };
    const ended = [
      [0.9, 900],
      [0.8, 800],
      [0.7, 850],
      [0.6, 870],
      [0.5, 880],
    ].map(([accuracy, ebops], number) => trial(number, [{ epochs: 2, metrics: { accuracy, ebops } }]));
    const [check] = rungChecks(two, 9, ended);
    expect(goesOn(check, { accuracy: 0.4, ebops: 100 })).toBe(true);
    expect(goesOn(check, { accuracy: 0.65, ebops: 875 })).toBe(false);
  });

  it('of Hyperband begin at another one in each bracket, and compare within it', () => {
    const hyperband: PrunerSettings = { ...asha, kind: 'hyperband' };
    const ended = Array.from({ length: 8 }, (_, number) =>
      trial(number, [{ epochs: 18, metrics: { accuracy: number } }]),
    );
    const epochs = [0, 1, 2, 3].map((bracket) => rungChecks(hyperband, 8 + bracket, ended).map((rung) => rung.epochs));
    expect(epochs).toEqual([[2, 6, 18], [6, 18], [18], []]);
    expect(rungChecks(hyperband, 10, ended)[0].peers).toEqual([[-6], [-2]]);
  });

  it('are refused where they make no sense', () => {
    const bad = (more: object) => () => checkPruner({ ...asha, ...more }, 'study');
    expect(bad({ kind: 'median' })).toThrow("pruner 'median' is none of asha, hyperband");
    expect(bad({ minEpochs: 0 })).toThrow('minEpochs 0 of the pruner is not a whole number ≥ 1');
    expect(bad({ factor: 1 })).toThrow('factor 1 of the pruner is not a whole number ≥ 2');
    expect(bad({ by: [] })).toThrow("'by' of the pruner names nothing");
    expect(() => goesOn(rungChecks(asha, 0, [])[0], { loss: 1 })).toThrow(
      "compares 'accuracy', which is not known while training; what is: loss",
    );
  });
});
