import { type Format, quantize, type RoundMode } from '@sp/quant';
import { broadcastIndices, type FormatTable, formatAt } from '@sp/quant/internal';
import type { QuantizerConfig } from '../config/quantizer-settings.ts';
import { carries } from '../quantizer/fixed-kernel.ts';
import { LowerError } from './lowered.ts';

/** Whether a quantizer mirrors by the value before rounding, which no rounding step of a graph does. */
export function foldsBeforeCarry(config: QuantizerConfig): boolean {
  return (
    (config.qType === 'kbi' || config.qType === 'kif') &&
    config.overflowMode === 'WRAP_SM' &&
    config.foldsBeforeCarry === true
  );
}

/** `value` as such a quantizer rounds it (`FixedPointParameters.foldsBeforeCarry`). */
export function foldedBeforeCarry(value: number, format: Format, round: RoundMode): number {
  const { k, i, f } = format;
  if (k + i + f <= 0) return 0;
  const whole = quantize(value, { k: 1, i: 60 - f, f }, round, 'SAT');
  const carried = whole !== 0 && carries(value, whole, 2 ** (i + k));
  return quantize(carried ? whole - 2 ** -f : whole, format, 'TRN', 'WRAP_SM');
}

/** Whether values of `from` can round up into another repetition of the range of `to`: else both orders are the same. */
export function mayCarry(from: FormatTable, to: FormatTable): boolean {
  const shape = from.shape.map((extent, axis) => Math.max(extent, to.shape[axis]));
  const [sources, targets] = [broadcastIndices(from.shape, shape), broadcastIndices(to.shape, shape)];
  return Array.from(sources, (source, j) => {
    const [given, wanted] = [formatAt(from, source), formatAt(to, targets[j])];
    return given.f > wanted.f && given.i > wanted.i;
  }).includes(true);
}

/** @throws LowerError: an input that no format bounds has no table. */
export function refuseOpenFold(layer: string, quantizer: string): never {
  throw new LowerError(
    layer,
    `quantizer '${quantizer}' mirrors values by their place before rounding (overflow WRAP_SM of HGQ2), which takes a table of all inputs.`,
    "Give lower inputType (for example 'ap_fixed<12,4>') or calibration data, so that the input has a format; or train with SAT.",
  );
}
