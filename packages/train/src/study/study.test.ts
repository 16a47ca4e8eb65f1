import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { activePixelsVsThreshold } from './active-pixels.ts';
import { reducedExamples } from './reduced-examples.ts';
import { suggestReduction } from './suggest-reduction.ts';

/** Two 2 × 2 images with a second channel that must never be looked at. */
const dataset: Dataset = {
  images: Float32Array.of(0, 9, 0.5, 9, 1, 9, 0.25, 9, /* second image */ 0.5, 9, 0, 9, 0, 9, 0, 9),
  labels: Int32Array.of(1, 0),
  shape: [2, 2, 2],
  classes: 2,
};

describe('activePixelsVsThreshold', () => {
  it('counts channel 0 strictly above each threshold', () => {
    const [low, half] = activePixelsVsThreshold(dataset, { thresholds: [0, 0.5] });
    expect(low).toEqual({ threshold: 0, mean: 2, min: 1, p25: 1.5, p50: 2, p75: 2.5, max: 3 });
    expect(half).toMatchObject({ mean: 0.5, min: 0, max: 1 });
  });

  it('spreads 50 thresholds from 0 to the largest value by default', () => {
    const curve = activePixelsVsThreshold(dataset);
    expect([curve.length, curve[0].threshold, curve[49].threshold, curve[49].max]).toEqual([50, 0, 1, 0]);
  });

  it('refuses a range that runs backwards', () => {
    expect(() => activePixelsVsThreshold(dataset, { from: 2 })).toThrow('runs backwards');
  });
});

describe('reducedExamples', () => {
  it('keeps the first n in raster order and tells what found no slot', () => {
    const [example] = reducedExamples(dataset, { n: 2, threshold: 0, indices: [0] });
    expect(example.kept).toEqual([
      { row: 0, col: 1, value: 0.5 },
      { row: 1, col: 0, value: 1 },
    ]);
    expect(example.dropped).toEqual([{ row: 1, col: 1, value: 0.25 }]);
    expect(example.pixels).toEqual([0, 0.5, 1, 0.25]);
  });

  it('takes the first image of each class by default', () => {
    expect(reducedExamples(dataset, { n: 1, threshold: 0 }).map(({ index }) => index)).toEqual([1, 0]);
  });

  it('refuses an image that does not exist', () => {
    expect(() => reducedExamples(dataset, { n: 1, threshold: 0, indices: [2] })).toThrow('no image 2');
  });
});

describe('suggestReduction', () => {
  it('finds the smallest budget, and for it the best threshold', () => {
    // With θ = 0 two slots keep 0.5 + 1 + 0.5 of 2.25; a single slot keeps most, 1 of 2.25, with θ = 0.5.
    expect(suggestReduction(dataset, { keep: 0.85 })).toEqual({
      n: 2,
      threshold: 0,
      keptHits: 0.75,
      keptIntensity: 2 / 2.25,
    });
    expect(suggestReduction(dataset, { keep: 0.44 })).toMatchObject({ n: 1, keptIntensity: 1 / 2.25 });
  });

  it('says when no budget suffices', () => {
    expect(suggestReduction(dataset, { keep: 1, of: 'hits', maxN: 2 })).toBeUndefined();
  });
});
