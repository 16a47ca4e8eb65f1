export { type QuantizerSettings, qkerasQuantizer } from './make-quantizer.ts';
export { qkerasQuantize } from './quantize.ts';
export type { Quantised, QuantizeContext, QuantizerData, QuantizerScale } from './quantize-context.ts';
export { type Limit, quantizerLimits } from './quantizer-limits.ts';
export type {
  Alpha,
  Bernoulli,
  Binary,
  NamedFunction,
  QKerasQuantizer,
  QuantizedBits,
  QuantizedHswish,
  QuantizedLinear,
  QuantizedPo2,
  QuantizedRelu,
  QuantizedReluPo2,
  QuantizedSigmoid,
  QuantizedTanh,
  QuantizedUlaw,
  QuantizerName,
  QuantizerValue,
  StochasticBinary,
  StochasticTernary,
  Ternary,
} from './quantizer-spec.ts';
export { parseQuantizer, printQuantizer, QuantizerStringError } from './quantizer-string.ts';
export type { InternalSigmoid } from './scalar-functions.ts';
