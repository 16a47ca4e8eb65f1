import type { RoundMode } from '@sp/quant';
import { LayerError } from '../layer-error.ts';

/** Rounding of a real number to an integer. Exact in double precision for every float32 argument. */
export type RoundFunction = (u: number) => number;

/** The rounding function of a mode (hgq2 §1.2). */
export function roundFunction(mode: RoundMode): RoundFunction {
  switch (mode) {
    case 'TRN':
      return Math.floor;
    case 'RND':
      return roundUp;
    case 'RND_CONV':
      return roundHalfEven;
    case 'TRN_ZERO':
      return Math.trunc;
    case 'RND_ZERO':
      return (u) => Math.sign(u) * Math.ceil(Math.abs(u) - 0.5);
    case 'RND_INF':
      return (u) => Math.sign(u) * Math.floor(Math.abs(u) + 0.5);
    case 'RND_MIN_INF':
      return (u) => Math.ceil(u - 0.5);
    default:
      throw new LayerError(`Unknown rounding mode '${String(mode satisfies never)}'.`);
  }
}

/** Nearest integer, ties to the even one. Bit widths are rounded with it before use. */
export function roundHalfEven(u: number): number {
  const down = Math.floor(u);
  const rest = u - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

function roundUp(u: number): number {
  return Math.floor(u + 0.5);
}
