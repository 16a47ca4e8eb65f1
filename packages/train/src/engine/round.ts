import type { RoundMode } from '@sp/quant';

/** Rounding modes as small integers: a loop that branches on one stays compiled for all of them. */
const codes: Readonly<Record<RoundMode, number>> = {
  TRN: 0,
  RND: 1,
  RND_CONV: 2,
  TRN_ZERO: 3,
  RND_ZERO: 4,
  RND_INF: 5,
  RND_MIN_INF: 6,
};

/** The code of a rounding mode, for `roundBy`. */
export function roundCode(mode: RoundMode): number {
  return codes[mode];
}

/** `u` rounded to an integer by the mode with this code (hgq2 §1.2). */
export function roundBy(code: number, u: number): number {
  switch (code) {
    case 0:
      return Math.floor(u);
    case 1:
      return Math.floor(u + 0.5);
    case 2: {
      const down = Math.floor(u);
      const rest = u - down;
      return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
    }
    case 3:
      return Math.trunc(u);
    case 4:
      return Math.sign(u) * Math.ceil(Math.abs(u) - 0.5);
    case 5:
      return Math.sign(u) * Math.floor(Math.abs(u) + 0.5);
    default:
      return Math.ceil(u - 0.5);
  }
}
