import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { randomSource } from '../data/random.ts';
import { activePixelsVsThreshold } from './active-pixels.ts';
import { reducedExamples } from './reduced-examples.ts';
import { type ReductionSuggestion, type SuggestionOptions, suggestReduction } from './suggest-reduction.ts';

/** `suggestReduction` as it is defined: every budget, every threshold, every pixel. */
function triedOut(data: Dataset, { keep, of, maxN = 24 }: SuggestionOptions): ReductionSuggestion | undefined {
  const pixels = Array.from({ length: data.labels.length }, (_, j) =>
    Array.from({ length: 24 }, (_, p) => data.images[(j * 24 + p) * 2]).filter((value) => value > 0),
  );
  const distinct = [...new Set([0, ...pixels.flat()])].sort((a, b) => a - b);
  const thresholds =
    distinct.length <= 64
      ? distinct
      : Array.from({ length: 64 }, (_, j) => distinct[Math.floor((j * distinct.length) / 64)]);
  const all = pixels.flat();
  const allIntensity = all.reduce((a, b) => a + b, 0);
  const share = of === 'hits' ? 'keptHits' : 'keptIntensity';
  const above = thresholds.map((threshold) => pixels.map((values) => values.filter((value) => value > threshold)));
  const kept = thresholds.map(() => [0, 0]);
  for (let n = 1; n <= maxN; n++) {
    const found = thresholds.map((threshold, index) => {
      const at = above[index].flatMap((values) => values.slice(n - 1, n));
      kept[index][0] += at.length / all.length;
      kept[index][1] += at.reduce((a, b) => a + b, 0) / allIntensity;
      return { n, threshold, keptHits: kept[index][0], keptIntensity: kept[index][1] };
    });
    const enough = found.filter((suggestion) => suggestion[share] >= keep);
    if (enough.length > 0) return enough.reduce((best, next) => (next[share] > best[share] ? next : best));
  }
  return undefined;
}

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

  it('is what trying every threshold and budget gives', () => {
    for (let seed = 0; seed < 4; seed++) {
      const random = randomSource(seed);
      const levels = seed % 2 === 0 ? 16 : 2 ** 20;
      const images = Float32Array.from({ length: 30 * 24 * 2 }, () =>
        random.unit() < 0.4 ? 0 : (random.below(levels) - levels / 8) / levels,
      );
      const data: Dataset = { images, labels: new Int32Array(30), shape: [4, 6, 2], classes: 2 };
      for (const keep of [0.3, 0.8, 0.97, 1]) {
        for (const of of ['hits', 'intensity'] as const) {
          const options = { keep, of, ...(seed % 3 === 0 ? { maxN: 9 } : {}) };
          expect(suggestReduction(data, options)).toEqual(triedOut(data, options));
        }
      }
    }
  });

  it('tells how far it is', () => {
    const seen: string[] = [];
    suggestReduction(dataset, { keep: 0.9, progress: (done, total) => seen.push(`${done}/${total}`) });
    expect(seen).toEqual(['1/4', '2/4', '3/4', '4/4']);
  });

  it('says when no budget suffices', () => {
    expect(suggestReduction(dataset, { keep: 1, of: 'hits', maxN: 2 })).toBeUndefined();
  });
});
