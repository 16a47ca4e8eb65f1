import type { FormatTable } from '@sp/quant/internal';
import { ceilLog2, isPowerOfTwo } from '@sp/quant/numeric';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { LowerError } from './lowered.ts';

/**
 * The formats that a quantizer of activations rounds to, a power-of-two scaler included. Null for a dummy quantizer; a
 * minifloat has none either (see `lowerFloatQuantizer`).
 */
export function activationFormats(quantizer: Quantizer, layer: string): FormatTable | null {
  const formats = quantizer.formats(true);
  const { config } = quantizer;
  if (config.qType === 'dummy' || formats == null) return null;
  refuseUntraced(quantizer, layer);
  return ofOneNumber(shiftedFormats(formats, scalerShift(quantizer, layer)));
}

/**
 * `log2` of a quantizer's scaler: rounding `x / 2^s` to (i, f) and scaling back is rounding x to (i + s, f − s).
 *
 * @throws LowerError when the scaler is no power of two.
 */
export function scalerShift(quantizer: Quantizer, layer: string): number {
  const { config } = quantizer;
  const scaler = config.qType === 'dummy' ? null : config.scaler;
  if (scaler == null) return 0;
  if (isPowerOfTwo(scaler)) return ceilLog2(scaler);
  throw new LowerError(
    layer,
    `the scaler ${scaler} of quantizer '${quantizer.name}' is no power of two, so its values lie on no binary grid.`,
    `Use ${2 ** Math.round(Math.log2(Math.abs(scaler)))}.`,
  );
}

/** Formats of one number: the graph gives it the shape [1]. */
function ofOneNumber(formats: FormatTable): FormatTable {
  return formats.shape.length === 0 ? { ...formats, shape: [1] } : formats;
}

/** The formats with all steps and ranges `2^shift` times as large. */
function shiftedFormats({ shape, k, i, f }: FormatTable, shift: number): FormatTable {
  return { shape, k, i: i.map((bits) => bits + shift), f: f.map((bits) => bits - shift) };
}

/** @throws LowerError for a WRAP quantizer that was not traced. */
export function refuseUntraced(quantizer: Quantizer, layer: string): void {
  if (quantizer.traced) return;
  throw new LowerError(
    layer,
    `WRAP quantizer '${quantizer.name}' was not traced since the last training step; values beyond its range would wrap.`,
    'Run traceMinMax(model, data) first.',
  );
}
