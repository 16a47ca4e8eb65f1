import { describe, expect, it } from 'vitest';
import { reciprocal } from './reciprocal.ts';

describe('reciprocal', () => {
  it('divides exactly over the whole range', () => {
    for (const divisor of [3, 5, 7, 9, 25, 49, 121]) {
      for (const width of [1, 4, 9, 13]) {
        const { MULTIPLIER, SHIFT, KEPT_BITS } = reciprocal({ signed: false, width, int: width }, 0, divisor);
        expect(KEPT_BITS).toBe(width + 3);
        for (let n = 0; n < 2 ** (KEPT_BITS - 1); n++) {
          const quotient = (BigInt(n) * BigInt(MULTIPLIER)) >> BigInt(SHIFT);
          if (quotient !== BigInt(Math.floor(n / divisor))) expect.fail(`${n} / ${divisor} = ${quotient}`);
        }
      }
    }
  });

  it('keeps one bit below the rounding position and a sticky one', () => {
    const { LEFT, RIGHT, quotient } = reciprocal({ signed: true, width: 12, int: 4 }, 3, 9);
    expect([LEFT, RIGHT]).toEqual([0, 4]);
    expect(quotient.width - quotient.int).toBe(5);
  });

  it('gives a wide multiplier in two words', () => {
    const { MULTIPLIER, HIGH, SHIFT, KEPT_BITS } = reciprocal({ signed: true, width: 90, int: 20 }, 70, 9);
    const multiplier = (BigInt(HIGH) << 64n) + BigInt(MULTIPLIER);
    expect(BigInt(HIGH)).toBeGreaterThan(0n);
    for (const n of [0n, 8n, 9n, (1n << BigInt(KEPT_BITS - 1)) - 1n, ((1n << BigInt(KEPT_BITS - 1)) / 9n) * 9n - 1n]) {
      expect((n * multiplier) >> BigInt(SHIFT)).toBe(n / 9n);
    }
  });

  it('refuses what the kernel cannot multiply with', () => {
    expect(() => reciprocal({ signed: true, width: 140, int: 70 }, 70, 9)).toThrow(/more than the 128/);
  });
});
