import { clip, roundHalfEven } from '@sp/quant/numeric';
import {
  elementwise,
  type Quantised,
  type QuantizeContext,
  type QuantizerData,
  roundRandomly,
} from './quantize-context.ts';
import type { NamedFunction, QuantizedSigmoid, QuantizedTanh, QuantizedUlaw } from './quantizer-spec.ts';
import { type InternalSigmoid, sigmoid } from './scalar-functions.ts';

/** `quantized_tanh`: codes of `2·sigmoid(x) − 1`, or of tanh. */
export function quantizeTanh(q: QuantizedTanh, data: QuantizerData, context: QuantizeContext): Quantised {
  const levels = 2 ** (q.bits - 1);
  const curve = (x: number): readonly [number, number] => {
    if (q.useRealTanh) return [Math.tanh(x), 1 - Math.tanh(x) ** 2];
    const [value, slope] = sigmoid(context.internalSigmoid, x);
    return [2 * value - 1, 2 * slope];
  };
  const range = { levels, low: -1 + Number(q.symmetric) / levels, high: 1 - 1 / levels };
  return codesOf(curve, range, q.useStochasticRounding, data, context);
}

/** `quantized_sigmoid`. */
export function quantizeSigmoid(q: QuantizedSigmoid, data: QuantizerData, context: QuantizeContext): Quantised {
  const levels = 2 ** q.bits;
  const kind: InternalSigmoid = q.useRealSigmoid ? 'real' : context.internalSigmoid;
  const range = { levels, low: Number(q.symmetric) / levels, high: 1 - 1 / levels };
  return codesOf((x) => sigmoid(kind, x), range, q.useStochasticRounding, data, context);
}

/** Rounded straight through, then clipped: gradient 0 where the code is cut. */
function codesOf(
  curve: (x: number) => readonly [number, number],
  { levels, low, high }: { readonly levels: number; readonly low: number; readonly high: number },
  stochastic: boolean,
  data: QuantizerData,
  context: QuantizeContext,
): Quantised {
  const round = stochastic && context.training ? (x: number) => roundRandomly(x, context.random) : roundHalfEven;
  return elementwise(data, (x) => {
    const [p, slope] = curve(x);
    const code = round(p * levels) / levels;
    return [clip(code, low, high), code >= low && code <= high ? slope : 0];
  });
}

/** `quantized_ulaw`: the logarithm of a code of the sigmoid. */
export function quantizeUlaw(q: QuantizedUlaw, data: QuantizerData, context: QuantizeContext): Quantised {
  const levels = 2 ** (q.bits - 1);
  const unit = 2 ** q.integer;
  const [low, high] = [-1 + Number(q.symmetric) / levels, 1 - 1 / levels];
  const norm = Math.log1p(q.u);
  return elementwise(data, (x) => {
    const [p, slope] = sigmoid(context.internalSigmoid, x / unit);
    const code = (2 * roundHalfEven(p * levels)) / levels - 1;
    const law = (Math.sign(code) * Math.log1p(q.u * Math.abs(code))) / norm;
    const inside = law >= low && law <= high;
    const derivative = code === 0 ? 0 : q.u / (1 + q.u * Math.abs(code)) / norm;
    return [unit * clip(law, low, high), inside ? 2 * slope * derivative : 0];
  });
}

/** The functions without settings. */
export function applyNamedFunction({ name }: NamedFunction, data: QuantizerData): Quantised {
  const [kind, shape] = name.split('_') as ['hard' | 'smooth' | 'binary', 'sigmoid' | 'tanh'];
  return elementwise(data, (x) => {
    const [p, slope] = sigmoid(kind === 'binary' ? 'hard' : kind, x);
    const value = kind === 'binary' ? roundHalfEven(p) : p;
    return shape === 'sigmoid' ? [value, slope] : [2 * value - 1, 2 * slope];
  });
}
