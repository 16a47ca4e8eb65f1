import { describe, expect, it } from 'vitest';
import { FigureError, history, paretoOptimal, quantization, rocOf } from '../index.ts';

describe('history', () => {
  it('marks the first epoch with the best validation accuracy in every panel', () => {
    const spec = history([
      { epoch: 1, loss: 2, valAccuracy: 0.5 },
      { epoch: 2, loss: 1, valAccuracy: 0.9 },
      { epoch: 3, loss: 0.5, valAccuracy: 0.9 },
    ]);
    expect(JSON.stringify(spec).match(/\{"epoch":2\}/g)).toHaveLength(2);
  });

  it('refuses an empty history and an unknown best epoch', () => {
    expect(() => history([])).toThrow(FigureError);
    expect(() => history([{ epoch: 1, loss: 1 }], { bestEpoch: 7 })).toThrow(/bestEpoch is 7.*recorded epoch or null/);
  });
});

describe('paretoOptimal', () => {
  it('keeps what no other point beats in both', () => {
    const points = [
      { cost: 3, score: 0.7 },
      { cost: 1, score: 0.5 },
      { cost: 2, score: 0.5 },
      { cost: 4, score: 0.9 },
      { cost: 4, score: 0.8 },
    ];
    expect(paretoOptimal(points)).toEqual([points[1], points[0], points[3]]);
  });
});

describe('rocOf', () => {
  it('has the area of the Mann-Whitney statistic, ties counting half', () => {
    const { auc, points } = rocOf({ name: 'a', scores: [0.9, 0.5, 0.5, 0.1], positive: [1, 1, 0, 0] });
    // Pairs (positive, negative): 0.9 wins twice, 0.5 ties once and wins once.
    expect(auc).toBeCloseTo(3.5 / 4, 12);
    expect(points).toHaveLength(4);
  });
});

describe('quantization', () => {
  it('names the tensor whose sizes do not fit', () => {
    expect(() => quantization([{ layer: 'conv', role: 'weights', shape: [2, 2], bits: [1, 2, 3] }])).toThrow(
      "quantization: bits of weights of layer 'conv' has 3 values; shape [2, 2] needs 4",
    );
  });
});
