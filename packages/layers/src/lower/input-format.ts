import { type Format, formatWidth, parseType } from '@sp/quant';
import type { CastModes } from '@sp/quant/internal';
import { fractionBits, minimalIntegerBitsOfRange } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { hostValues } from '../ops/host-view.ts';
import { LowerError } from './lowered.ts';

/** A format for a model input: a type string with its modes, or a format (quantised with RND, SAT). */
export type InputType = string | Format;

/** Data of one model input: a tensor or plain numbers. */
export type CalibrationData = tf.Tensor | ArrayLike<number>;

/** Format and modes of an input node. */
export interface InputFormat {
  readonly format: Format;
  readonly modes: CastModes;
}

/** Widest input format that is derived from data; beyond it the data are not integers in disguise. */
const widest = 32;

/** The data of one input: given for all, by name, or in the order of the inputs. @throws on a list of another length. */
export function calibrationOf(
  given: CalibrationData | readonly CalibrationData[] | Readonly<Record<string, CalibrationData>> | undefined,
  input: string,
  index: number,
  inputs: number,
): CalibrationData | undefined {
  if (given == null) return undefined;
  if ('dataSync' in given) return given as CalibrationData;
  if (!('length' in given)) return (given as Readonly<Record<string, CalibrationData>>)[input];
  const list = given as ArrayLike<number | CalibrationData>;
  if (typeof list[0] !== 'object') return given as CalibrationData;
  if (list.length !== inputs) {
    throw new LowerError(
      input,
      `calibration has ${list.length} entries for ${inputs} inputs.`,
      'Give one per input, in the order of model.inputs.',
    );
  }
  return list[index] as CalibrationData;
}

/** Reads a user's input type. */
export function declaredInput(type: InputType, input: string): InputFormat {
  if (typeof type !== 'string') return { format: type, modes: { round: 'RND', overflow: 'SAT' } };
  const parsed = parseType(type);
  if (parsed.kind === 'auto') {
    throw new LowerError(input, "inputType 'auto' says nothing.", 'Give a type, or calibration data instead.');
  }
  if (parsed.saturationBits !== 0) {
    throw new LowerError(input, `inputType '${type}' asks for saturation bits.`, 'Leave the fifth argument out.');
  }
  return { format: parsed.format, modes: { round: parsed.round, overflow: parsed.overflow } };
}

/**
 * The smallest format that holds all the data unchanged. Other data later are rounded and saturated to it.
 *
 * @throws LowerError on non-finite values, or when more than 32 bits are needed.
 */
export function derivedInput(data: CalibrationData, input: string): InputFormat {
  const values = 'dataSync' in data ? hostValues(data as tf.Tensor) : (data as ArrayLike<number>);
  let f = -Infinity;
  let max = 0;
  let min = 0;
  for (let j = 0; j < values.length; j++) {
    const value = values[j];
    if (!Number.isFinite(value)) {
      throw new LowerError(input, `calibration value ${j} is ${value}.`, 'Clean the data.');
    }
    f = Math.max(f, fractionBits(value));
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  if (f === -Infinity)
    throw new LowerError(input, 'the calibration data are all 0 or missing.', 'Give real data or inputType.');
  const i = minimalIntegerBitsOfRange(min, max, f);
  const format: Format = { k: min < 0 ? 1 : 0, i, f };
  if (formatWidth(format) > widest) {
    throw new LowerError(
      input,
      `the calibration data need ${formatWidth(format)} bits to pass unchanged (step 2^-${f}, largest ${max}).`,
      "Quantise them: inputType 'ap_fixed<16,2,RND,SAT>' or a quantizer layer behind the input.",
    );
  }
  return { format, modes: { round: 'RND', overflow: 'SAT' } };
}
