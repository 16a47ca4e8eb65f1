import type { RoundMode } from '../format/format.ts';
import { roundHalfDown, roundHalfEven, roundHalfIn, roundHalfOut, roundHalfUp } from './reals.ts';

/** Rounding of a number to an integer, exact for every double. */
export type RoundFunction = (u: number) => number;

const functions: Readonly<Record<RoundMode, RoundFunction>> = {
  TRN: Math.floor,
  RND: roundHalfUp,
  RND_CONV: roundHalfEven,
  TRN_ZERO: Math.trunc,
  RND_ZERO: roundHalfIn,
  RND_INF: roundHalfOut,
  RND_MIN_INF: roundHalfDown,
};

/** The rounding function of a mode (`hgq2 §1.2`); undefined for what is none. */
export function roundFunction(mode: RoundMode): RoundFunction {
  return functions[mode];
}
