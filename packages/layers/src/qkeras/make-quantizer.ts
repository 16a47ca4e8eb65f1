import { isPowerOfTwo } from '@sp/quant/numeric';
import { LayerError } from '../layer-error.ts';
import {
  type Parameter,
  type QKerasQuantizer,
  type QuantizerName,
  type QuantizerValue,
  quantizerParameters,
} from './quantizer-spec.ts';

/** Settings of a quantizer by their TypeScript names. */
export type QuantizerSettings = Readonly<Record<string, QuantizerValue>>;

/**
 * A checked quantizer; missing settings have QKeras' defaults.
 *
 * @param given by Python name (`keep_negative`) or ours (`keepNegative`)
 * @throws LayerError naming the quantizer, the setting, its value and the remedy
 */
export function qkerasQuantizer(name: string, given: QuantizerSettings = {}): QKerasQuantizer {
  if (!Object.hasOwn(quantizerParameters, name)) {
    const known = Object.keys(quantizerParameters).join(', ');
    throw new LayerError(`unknown QKeras quantizer '${name}'. Known: ${known}.`);
  }
  const parameters = quantizerParameters[name as QuantizerName];
  const settings: Record<string, QuantizerValue> = { name };
  for (const key of Object.keys(given)) {
    if (!parameters.some((parameter) => parameter.python === key || parameter.key === key) && !tolerated(name, key)) {
      const known = parameters.map(({ python }) => python).join(', ') || 'none';
      throw new LayerError(`${name}: no setting '${key}'. Known: ${known}.`);
    }
  }
  for (const parameter of parameters) {
    const value = given[parameter.key] ?? given[parameter.python] ?? parameter.initial;
    if (parameter.role === 'ignored') continue;
    if (parameter.role === 'refused') {
      if (value === parameter.initial) continue;
      throw new LayerError(`${name}: ${parameter.python} = ${value} is not supported. Leave it out.`);
    }
    settings[parameter.key] = cast(name, parameter, value);
  }
  // QKeras forces it: automatic scales are found for symmetric codes.
  if (name === 'quantized_bits' && typeof settings['alpha'] === 'string') settings['symmetric'] = true;
  const quantizer = settings as unknown as QKerasQuantizer;
  check(quantizer);
  return quantizer;
}

/** `quantized_hswish` writes settings of its parent that its own signature does not have. */
function tolerated(name: string, key: string): boolean {
  return name === 'quantized_hswish' && ['keep_negative', 'keepNegative', 'post_training_scale'].includes(key);
}

const autoScales = ['auto', 'auto_po2'];

/** Python takes 0/1 for False/True and the other way round. */
function cast(name: string, { python, key, initial }: Parameter, value: QuantizerValue): QuantizerValue {
  const wrong = (wanted: string): LayerError =>
    new LayerError(`${name}: ${python} = ${JSON.stringify(value)}; expected ${wanted}.`);
  if (key === 'alpha') {
    if (value === null || (typeof value === 'string' && autoScales.includes(value))) return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw wrong("None, a number, 'auto' or 'auto_po2'");
  }
  if (key === 'log2Rounding') {
    if (value === 'rnd' || value === 'floor') return value;
    throw wrong("'rnd' or 'floor'");
  }
  if (typeof initial === 'boolean') {
    if (value === 0 || value === 1 || typeof value === 'boolean') return Boolean(value);
    throw wrong('True or False (1 or 0)');
  }
  if (value === null && initial === null) return null;
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong('a finite number');
  return number;
}

function check(q: QKerasQuantizer): void {
  const refuse = (setting: string, value: unknown, wanted: string): never => {
    throw new LayerError(`${q.name}: ${setting} = ${String(value)}; expected ${wanted}.`);
  };
  if ('bits' in q && !(Number.isInteger(q.bits) && q.bits >= 1 && q.bits <= 32)) {
    refuse('bits', q.bits, 'a whole number from 1 to 32');
  }
  if ('integer' in q && !(Number.isInteger(q.integer) && Math.abs(q.integer) <= 32)) {
    refuse('integer', q.integer, 'a whole number');
  }
  if ('scaleAxis' in q && q.scaleAxis !== null && !Number.isInteger(q.scaleAxis)) {
    refuse('scale_axis', q.scaleAxis, 'a whole number or None');
  }
  if ('qnoiseFactor' in q && !(q.qnoiseFactor >= 0 && q.qnoiseFactor <= 1)) {
    refuse('qnoise_factor', q.qnoiseFactor, 'a number from 0 to 1');
  }
  if ('maxValue' in q && q.maxValue !== null && q.maxValue < 0) refuse('max_value', q.maxValue, 'None or a number ≥ 0');
  if ('negativeSlope' in q && q.negativeSlope !== 0) {
    if (!(q.negativeSlope > 0 && isPowerOfTwo(q.negativeSlope))) {
      refuse('negative_slope', q.negativeSlope, '0 or a power of two');
    }
    if (q.bits < 2) refuse('bits', q.bits, 'at least 2 with a negative slope');
  }
  if (q.name === 'quantized_relu' && q.integer < 0) {
    refuse('integer', q.integer, 'a whole number ≥ 0 (QKeras fails on negative ones when it is called)');
  }
  if (q.name === 'quantized_bits' && q.alpha === 'auto' && q.bits === 1) {
    refuse(
      'bits',
      1,
      "at least 2 with alpha='auto', which divides by the number of levels; or use binary(alpha='auto')",
    );
  }
  if ((q.name === 'ternary' || q.name === 'stochastic_ternary') && typeof q.alpha === 'string') {
    if (q.threshold !== null) refuse('threshold', q.threshold, `None with alpha='${q.alpha}', which computes it`);
  }
  if (q.name === 'ternary' && q.useStochasticRounding && typeof q.alpha !== 'string') {
    refuse('use_stochastic_rounding', true, "False unless alpha is 'auto' or 'auto_po2'");
  }
  if ('numberOfUnrolls' in q && !(Number.isInteger(q.numberOfUnrolls) && q.numberOfUnrolls >= 1)) {
    refuse('number_of_unrolls', q.numberOfUnrolls, 'a whole number ≥ 1');
  }
  if ('temperature' in q && !(q.temperature > 0)) refuse('temperature', q.temperature, 'a number > 0');
}
