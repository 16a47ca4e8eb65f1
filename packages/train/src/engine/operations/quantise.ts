import { type Buffer, reserve } from '../batch/buffer.ts';
import { type Layout, numbersOf } from '../batch/layout.ts';
import type { DataQuantizer } from '../quantizer/data-quantizer.ts';
import type { Operation } from './operation.ts';

/** A quantizer between two buffers: a quantizer layer, or the output quantizer of another one. */
export function quantise(quantizer: DataQuantizer, layout: Layout, input: Buffer, output: Buffer): Operation {
  return {
    prepare(batch, mode) {
      reserve(output, layout.sites(batch).count * layout.channels);
      output.divisor = 1;
      quantizer.prepare(batch, mode);
    },
    forward(batch, part, mode) {
      const [from, to] = numbersOf(layout.sites(batch), layout.channels, part);
      part.kernels.copy(output.values.view, quantizer.forward(batch, part, mode), from, to);
    },
    backward(batch, part) {
      const [from, to] = numbersOf(layout.sites(batch), layout.channels, part);
      part.kernels.copy(input.gradient.view, output.gradient.view, from, to);
      quantizer.backward(batch, part, input.gradient.view);
    },
    finish: () => quantizer.finish(),
  };
}
