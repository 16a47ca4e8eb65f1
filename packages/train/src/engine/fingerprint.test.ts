import { describe, expect, it } from 'vitest';
import { randomSource } from '../data/random.ts';
import { fingerprint } from './fingerprint.ts';

const of = (values: Float32Array, from = 0, count = values.length - from): number =>
  fingerprint(new Int32Array(values.buffer, values.byteOffset, values.length), from, count);

describe('fingerprint', () => {
  it.each([1, 3, 4, 7, 36])('tells every change of one among %d numbers', (count) => {
    const values = Float32Array.from({ length: count }, (_, j) => (j % 3) / 4);
    const before = of(values);
    for (let j = 0; j < count; j++) {
      const value = values[j];
      values[j] += 0.5;
      expect(of(values)).not.toBe(before);
      values[j] = value;
    }
    expect(of(values)).toBe(before);
  });

  it('looks at its part only', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
    const part = of(values, 2, 4);
    values[1] = values[6] = 9;
    expect(of(values, 2, 4)).toBe(part);
  });

  it('tells images of hits of equal height apart', () => {
    const random = randomSource(1);
    const seen = new Set<number>();
    const images = new Set<string>();
    for (let image = 0; image < 20_000; image++) {
      const values = new Float32Array(36);
      for (let hit = 0; hit < 4; hit++) values[random.below(36)] = 0.5;
      images.add(values.join());
      seen.add(of(values));
    }
    expect(seen.size).toBe(images.size);
  });
});
