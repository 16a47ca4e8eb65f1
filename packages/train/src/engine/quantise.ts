import { type Buffer, reserve } from './buffers.ts';
import type { DataQuantizer } from './data-quantizer.ts';
import type { LayoutOf } from './layout.ts';
import type { Operation } from './operation.ts';

/** A quantizer between two buffers: a quantizer layer, or the output quantizer of another one. */
export function quantise(quantizer: DataQuantizer, layoutOf: LayoutOf, input: Buffer, output: Buffer): Operation {
  let count = 0;
  return {
    forward(batch) {
      const layout = layoutOf(batch);
      count = layout.count;
      reserve(output, count);
      const y = quantizer.forward(input.values, input.divisor, layout.element, count);
      for (let j = 0; j < count; j++) output.values[j] = y[j];
      output.divisor = 1;
    },
    backward() {
      for (let j = 0; j < count; j++) input.gradient[j] = output.gradient[j];
      quantizer.backward(input.gradient, count);
    },
    finish: () => quantizer.quantizer?.finish(),
    penalty: () => quantizer.quantizer?.penalty() ?? 0,
  };
}
