import { OptionError } from '../option-error.ts';
import { atLeast } from './lr-schedule.ts';

/** β (weight of EBOPs in the loss) of epoch `epoch`, counted from 0. */
export type BetaSchedule = (epoch: number) => number;

/** A corner of a piecewise β schedule and how β goes on from there to the next corner. */
export type BetaPoint = readonly [epoch: number, beta: number, interpolation: 'linear' | 'log' | 'constant'];

const interpolations: readonly BetaPoint[2][] = ['linear', 'log', 'constant'];

/**
 * β by pieces between corners (hgq2 §5.7 `PieceWiseSchedule`): 'linear' `β0 + (β1 − β0)·t`, 'log' `β0·(β1/β0)^t`, 'constant' `β0`, with
 * `t = (epoch − e0)/(e1 − e0 + 1e-9)`. Before the first corner and after the last one its β holds, as there.
 *
 * @throws OptionError without points, for an epoch that is no number, a β that is not finite or below 0, an unknown interpolation, or a 'log' piece that touches 0.
 */
export function piecewiseBeta(points: readonly BetaPoint[]): BetaSchedule {
  if (points.length === 0)
    throw new OptionError('piecewiseBeta: no points; give at least one [epoch, beta, interpolation]');
  const sorted = [...points].sort((a, b) => a[0] - b[0]);
  for (const [at, [epoch, beta, interpolation]] of sorted.entries()) {
    if (!Number.isFinite(epoch))
      throw new OptionError(`piecewiseBeta: epoch ${epoch} of β ${beta} is not a finite number`);
    if (!interpolations.includes(interpolation)) {
      throw new OptionError(
        `piecewiseBeta: interpolation '${String(interpolation)}' at epoch ${epoch} is none of ${interpolations.map((name) => `'${name}'`).join(', ')}`,
      );
    }
    atLeast(beta, 0, `piecewiseBeta: β at epoch ${epoch}`);
    const next = sorted[at + 1]?.[1];
    if (interpolation === 'log' && next !== undefined && (beta === 0 || next === 0)) {
      throw new OptionError(`piecewiseBeta: the log piece from epoch ${epoch} touches 0; use 'linear'`);
    }
  }
  return (epoch) => {
    const at = sorted.findLastIndex((point) => point[0] <= epoch);
    if (at < 0) return sorted[0][1];
    const [e0, b0, interpolation] = sorted[at];
    if (at === sorted.length - 1 || interpolation === 'constant') return b0;
    const [e1, b1] = sorted[at + 1];
    const t = (epoch - e0) / (e1 - e0 + 1e-9);
    return interpolation === 'log' ? b0 * (b1 / b0) ** t : b0 + (b1 - b0) * t;
  };
}
