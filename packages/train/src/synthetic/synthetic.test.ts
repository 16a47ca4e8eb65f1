import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { readStream } from '../stream/read-stream.ts';
import { noisyTracks } from './noisy-tracks.ts';
import { prongJets } from './prong-jets.ts';
import { tracksAndShowers } from './tracks-and-showers.ts';

interface ImageFacts {
  readonly label: number;
  readonly hits: number;
  /** Second moments along and across the main axis, in pixels². */
  readonly long: number;
  readonly short: number;
  /** Median distance of the hits from the main axis, in pixels. */
  readonly aside: number;
}

/** Facts of the first channel. */
function factsOf({ images, labels, shape: [height, width, channels] }: Dataset): readonly ImageFacts[] {
  return Array.from(labels, (label, j) => {
    const image = images.subarray(j * height * width * channels, (j + 1) * height * width * channels);
    const pixels = image.filter((_, place) => place % channels === 0);
    const sums = { w: 0, r: 0, c: 0, rr: 0, rc: 0, cc: 0 };
    let hits = 0;
    for (const [p, w] of pixels.entries()) {
      if (w === 0) continue;
      const [r, c] = [Math.floor(p / width), p % width];
      hits++;
      sums.w += w;
      sums.r += w * r;
      sums.c += w * c;
      sums.rr += w * r * r;
      sums.rc += w * r * c;
      sums.cc += w * c * c;
    }
    const [r, c] = [sums.r / sums.w, sums.c / sums.w];
    const [a, b, d] = [sums.rr / sums.w - r * r, sums.rc / sums.w - r * c, sums.cc / sums.w - c * c];
    const root = Math.sqrt(((a - d) / 2) ** 2 + b * b);
    const [y, x] = [Math.sin(Math.atan2(2 * b, d - a) / 2), Math.cos(Math.atan2(2 * b, d - a) / 2)];
    const asides = [...pixels.keys()]
      .filter((p) => pixels[p] > 0)
      .map((p) => Math.abs((Math.floor(p / width) - r) * x - ((p % width) - c) * y))
      .sort((one, other) => one - other);
    const long = (a + d) / 2 + root;
    return { label, hits, long, short: (a + d) / 2 - root, aside: asides[asides.length >> 1] };
  });
}

function mean(facts: readonly ImageFacts[], label: number, of: (facts: ImageFacts) => number): number {
  const values = facts.filter((fact) => fact.label === label).map(of);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.each([
  ['tracksAndShowers', tracksAndShowers, 63, 1, 2, 0.21875],
  ['prongJets', prongJets, 56, 1, 3, 0.003],
  ['noisyTracks', noisyTracks, 64, 2, 3, 1 / 32],
] as const)('%s', (_name, make, side, channels, classes, smallest) => {
  it('is the same image for the same seed and number, however it is read', async () => {
    const data = make({ count: 1_000_000_000, seed: 4 });
    expect(data).toMatchObject({ length: 1e9, shape: [side, side, channels], classes });
    const [alone, among] = [await data.read(999_999_990, 999_999_991), await data.read(999_999_985, 999_999_999)];
    const size = side * side * channels;
    expect(among.images.subarray(5 * size, 6 * size)).toEqual(alone.images);
    expect(among.labels[5]).toBe(alone.labels[0]);
    expect((await make({ count: 10, seed: 5 }).read(0, 10)).images).not.toEqual((await data.read(0, 10)).images);
  });

  it('is sparse, in range, and holds all classes alike', async () => {
    const data = await readStream(make({ count: 600, seed: 1 }));
    const outside = (value: number): boolean => value !== 0 && !(value >= Math.fround(smallest) && value <= 1);
    expect(data.images.findIndex(outside)).toBe(-1);
    for (let label = 0; label < classes; label++) {
      const share = data.labels.filter((l) => l === label).length / 600;
      expect(Math.abs(share - 1 / classes)).toBeLessThan(0.07);
    }
    const hits = factsOf(data).map((facts) => facts.hits);
    expect(Math.min(...hits)).toBeGreaterThan(0);
    expect(hits.reduce((sum, n) => sum + n, 0) / 600).toBeLessThan(0.03 * side * side);
  });

  it('refuses a count of 0', () => {
    expect(() => make({ count: 0 })).toThrow('count 0');
  });
});

it('tracks are narrow, showers are wide', async () => {
  const facts = factsOf(await readStream(tracksAndShowers({ count: 400, seed: 2 })));
  // One number already tells most of them apart, but not all.
  const right = facts.filter(({ label, aside }) => (aside > 1 ? 1 : 0) === label).length / 400;
  expect(right).toBeGreaterThan(0.75);
  expect(right).toBeLessThan(0.99);
});

it('jets with more prongs are wider, and those with three less oblong than those with two', async () => {
  const facts = factsOf(await readStream(prongJets({ count: 600, seed: 2 })));
  const wide = [0, 1, 2].map((label) => mean(facts, label, ({ long }) => long));
  expect(wide[1]).toBeGreaterThan(2 * wide[0]);
  const oblong = [1, 2].map((label) => mean(facts, label, ({ long, short }) => short / long));
  expect(oblong[1]).toBeGreaterThan(1.2 * oblong[0]);
});

it('jets lie on every second pixel', async () => {
  const { images } = await readStream(prongJets({ count: 20 }));
  expect([...images.entries()].every(([p, v]) => v === 0 || (p % 2 === 0 && Math.floor(p / 56) % 2 === 0))).toBe(true);
});

it('noisy tracks are mostly noise until a threshold cuts the faint, and only active pixels have a time', async () => {
  const { images, labels } = await readStream(noisyTracks({ count: 300, seed: 3 }));
  const charges = images.filter((_, place) => place % 2 === 0);
  const above = (threshold: number) => charges.filter((charge) => charge > threshold).length / labels.length;
  expect(above(0)).toBeGreaterThan(70);
  expect(above(7 / 32)).toBeGreaterThan(22);
  expect(above(7 / 32)).toBeLessThan(38);
  expect([...images].every((value) => Number.isInteger(value * 32))).toBe(true);
  // Only active pixels have a time.
  expect([...charges.keys()].every((place) => charges[place] > 0 || images[2 * place + 1] === 0)).toBe(true);
});
