import type { RoundMode } from '@sp/quant';

const codes: Readonly<Record<RoundMode, number>> = {
  TRN: 0,
  RND: 1,
  RND_CONV: 2,
  TRN_ZERO: 3,
  RND_ZERO: 4,
  RND_INF: 5,
  RND_MIN_INF: 6,
};

/** The code of a rounding mode, for the kernel `roundBy`. */
export function roundCode(mode: RoundMode): number {
  return codes[mode];
}
