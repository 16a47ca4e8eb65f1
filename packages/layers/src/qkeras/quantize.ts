import { quantizeBits, quantizeHswish, quantizeLinear } from './quantize-bits.ts';
import type { Quantised, QuantizeContext, QuantizerData } from './quantize-context.ts';
import { applyNamedFunction, quantizeSigmoid, quantizeTanh, quantizeUlaw } from './quantize-curves.ts';
import { quantizePo2, quantizeReluPo2 } from './quantize-po2.ts';
import { quantizeRelu } from './quantize-relu.ts';
import {
  quantizeBernoulli,
  quantizeBinary,
  quantizeStochasticBinary,
  quantizeStochasticTernary,
  quantizeTernary,
} from './quantize-signs.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/**
 * Applies a QKeras quantizer to plain numbers: values, element-wise gradient and scale (hgq1 §5.2), in double precision.
 *
 * @throws LayerError for a setting that cannot be used this way
 */
export function qkerasQuantize(q: QKerasQuantizer, data: QuantizerData, context: QuantizeContext): Quantised {
  switch (q.name) {
    case 'quantized_bits':
      return quantizeBits(q, data, context);
    case 'quantized_linear':
      return quantizeLinear(q, data, context);
    case 'quantized_relu':
      return quantizeRelu(q, data, context);
    case 'quantized_ulaw':
      return quantizeUlaw(q, data, context);
    case 'quantized_tanh':
      return quantizeTanh(q, data, context);
    case 'quantized_sigmoid':
      return quantizeSigmoid(q, data, context);
    case 'quantized_po2':
      return quantizePo2(q, data, context);
    case 'quantized_relu_po2':
      return quantizeReluPo2(q, data, context);
    case 'binary':
      return quantizeBinary(q, data, context);
    case 'ternary':
      return quantizeTernary(q, data, context);
    case 'stochastic_binary':
      return quantizeStochasticBinary(q, data, context);
    case 'stochastic_ternary':
      return quantizeStochasticTernary(q, data, context);
    case 'bernoulli':
      return quantizeBernoulli(q, data, context);
    case 'quantized_hswish':
      return quantizeHswish(q, data, context);
    default:
      return applyNamedFunction(q, data);
  }
}
