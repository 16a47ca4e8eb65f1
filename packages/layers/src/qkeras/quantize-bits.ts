import { clip, roundHalfEven, roundHalfUp } from '@sp/quant/numeric';
import { groupMaxima, leastSquares, scaleGroups, toPowersOfTwo } from './channel-scale.ts';
import {
  elementwise,
  mixed,
  type Quantised,
  type QuantizeContext,
  type QuantizerData,
  type QuantizerScale,
  roundRandomly,
} from './quantize-context.ts';
import type { QuantizedBits, QuantizedHswish, QuantizedLinear } from './quantizer-spec.ts';
import { signOf } from './scalar-functions.ts';

/** `quantized_bits` (hgq1 §5.2): gradient 1 everywhere, clipped or not. */
export function quantizeBits(q: QuantizedBits, data: QuantizerData, context: QuantizeContext): Quantised {
  const { values, scale } = bitsValues(q, data, context);
  const y = new Float64Array(values.length);
  const slopes = new Float64Array(values.length);
  for (let j = 0; j < y.length; j++) [y[j], slopes[j]] = mixed(values[j], data.x[j], 1, q.qnoiseFactor, q.useSte);
  return { values: y, slopes, scale };
}

function bitsValues(
  q: QuantizedBits,
  data: QuantizerData,
  context: QuantizeContext,
): { readonly values: Float64Array; readonly scale: QuantizerScale } {
  if (typeof q.alpha === 'string') return autoBits(q, data, context);
  const { bits, integer, symmetric, keepNegative } = q;
  const alpha = q.alpha ?? 1;
  const scale = { shape: [], values: new Float64Array([alpha]) };
  const unsigned = bits - Number(keepNegative);
  const values = new Float64Array(data.x.length);
  if (unsigned === 0) {
    for (let j = 0; j < values.length; j++) values[j] = alpha * signOf(data.x[j]);
    return { values, scale };
  }
  const levels = 2 ** unsigned;
  const step = 2 ** (integer - unsigned);
  const low = keepNegative ? -levels + Number(symmetric) : 0;
  const round =
    q.useStochasticRounding && context.training ? (x: number) => roundRandomly(x, context.random) : roundHalfEven;
  for (let j = 0; j < values.length; j++) {
    values[j] = alpha * step * clip(round(data.x[j] / step), low, levels - 1);
  }
  return { values, scale };
}

/** Symmetric codes times a scale per channel, from the largest magnitude; powers of two are refined by least squares. */
function autoBits(
  q: QuantizedBits,
  data: QuantizerData,
  context: QuantizeContext,
): { readonly values: Float64Array; readonly scale: QuantizerScale } {
  const unit = 2 ** q.integer;
  const x = Float64Array.from(data.x, (value) => value / unit);
  const scaled = { x, shape: data.shape };
  const unsigned = q.bits - Number(q.keepNegative);
  const most = 2 ** (q.bits - 1) - 1;
  let groups = scaleGroups(data, q.scaleAxis, 'one');
  let scales: Float64Array = groupMaxima(scaled, groups).map((max) => (most === 0 ? 1 : max / most));
  const random = q.useStochasticRounding && context.training ? context.random : null;
  const codes = (): Float64Array =>
    x.map((value, j) => {
      const scale = scales[groups.of[j]];
      const magnitude = Math.abs(value) / scale;
      const code = random == null ? roundHalfUp(magnitude) : roundRandomly(magnitude, random);
      return value === 0 || scale === 0 ? 0 : Math.sign(value) * Math.min(code, most);
    });
  let z: Float64Array = codes();
  if (q.alpha === 'auto_po2') {
    scales = toPowersOfTwo(scales, q);
    for (let round = 0; round < 5; round++) {
      z = codes();
      // From here on every element of a vector has its own scale.
      groups = scaleGroups(data, q.scaleAxis, 'each');
      scales = toPowersOfTwo(leastSquares(scaled, z, groups), q);
    }
  }
  return {
    values: z.map((code, j) => unit * scales[groups.of[j]] * code),
    scale: { shape: groups.shape, values: scales.map((scale) => scale * 2 ** unsigned) },
  };
}

/** `quantized_linear` (hgq1 §5.2): clips before it rounds; gradient 0 outside the range. */
export function quantizeLinear(q: QuantizedLinear, data: QuantizerData, context: QuantizeContext): Quantised {
  const { low, high, step: dataStep } = linearRange(q);
  // One signed bit has the codes ±½.
  const shift = high === 0.5 ? 0.5 : 0;
  const { steps, groupOf, scale } = linearSteps(q, data, dataStep, low, high);
  const random = q.useStochasticRounding && context.training ? context.random : null;
  const values = new Float64Array(data.x.length);
  const slopes = new Float64Array(data.x.length);
  for (let j = 0; j < values.length; j++) {
    const step = steps[groupOf(j)];
    const x = data.x[j];
    const code = step === 0 ? 0 : Math.fround(x / step);
    // In float32, as upstream: −10⁻⁸ − ½ is −½ there.
    const clipped = Math.fround(clip(code, low, high) - shift);
    const rounded = random == null ? roundHalfEven(clipped) : roundRandomly(clipped, random);
    const xq = (rounded + shift) * step;
    const inside = code >= low && code <= high ? 1 : 0;
    values[j] = q.qnoiseFactor === 1 ? xq : x + q.qnoiseFactor * (xq - x);
    slopes[j] = 1 + q.qnoiseFactor * (inside - 1);
  }
  return { values, slopes, scale };
}

/** Smallest and largest code of a `quantized_linear`, and the step of its codes without a scale. */
export function linearRange(q: QuantizedLinear): {
  readonly low: number;
  readonly high: number;
  readonly step: number;
} {
  const { bits, integer, symmetric, keepNegative } = q;
  const step = 2 ** (integer - bits + Number(keepNegative));
  if (bits === 1 && keepNegative) return { low: -0.5, high: 0.5, step };
  const levels = 2 ** (bits - Number(keepNegative));
  return { low: keepNegative ? -levels + Number(symmetric) : 0, high: levels - 1, step };
}

function linearSteps(
  q: QuantizedLinear,
  data: QuantizerData,
  dataStep: number,
  low: number,
  high: number,
): { readonly steps: Float64Array; readonly groupOf: (j: number) => number; readonly scale: QuantizerScale } {
  if (typeof q.alpha !== 'string') {
    const alpha = q.alpha ?? 1;
    const scale = { shape: [], values: new Float64Array([alpha]) };
    return { steps: new Float64Array([dataStep * alpha]), groupOf: () => 0, scale };
  }
  const groups = scaleGroups(data, q.scaleAxis, 'one');
  let steps: Float64Array = groupMaxima(data, groups).map((max) => Math.fround((2 * max) / (high - low)));
  if (q.alpha === 'auto_po2') {
    steps = toPowersOfTwo(steps);
    for (let round = 0; round < 5; round++) {
      const codes = Float64Array.from(data.x, (x, j) => roundHalfEven(clip(x / steps[groups.of[j]], low, high)));
      steps = toPowersOfTwo(leastSquares(data, codes, groups));
    }
  }
  const scale = { shape: groups.shape, values: steps.map((step) => step / dataStep) };
  return { steps, groupOf: (j) => groups.of[j], scale };
}

/** `quantized_hswish`: `quantized_bits` of `x·min(relu(x + shift), bound)/bound`. */
export function quantizeHswish(q: QuantizedHswish, data: QuantizerData, context: QuantizeContext): Quantised {
  const swish = elementwise(data, (x) => hardSwish(x, q.reluShift, q.reluUpperBound));
  const bits: QuantizedBits = {
    ...q,
    name: 'quantized_bits',
    keepNegative: true,
    useSte: true,
    minPo2Exponent: null,
    maxPo2Exponent: null,
  };
  const quantised = quantizeBits(bits, { x: swish.values, shape: data.shape }, context);
  return { ...quantised, slopes: quantised.slopes.map((slope, j) => slope * swish.slopes[j]) };
}

function hardSwish(x: number, shift: number, bound: number): readonly [number, number] {
  const gate = x + shift;
  const relu = Math.max(0, gate);
  if (relu >= bound) return [x, 1 + (relu === bound ? x / bound : 0)];
  return [(x * relu) / bound, relu > 0 ? (2 * x + shift) / bound : 0];
}
