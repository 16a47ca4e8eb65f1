import type { Buffer } from '../batch/buffer.ts';
import { type Layout, numbersOf } from '../batch/layout.ts';
import type { Part } from '../batch/part.ts';
import type { SiteBatch } from '../batch/site-batch.ts';
import type { Memory } from '../memory/memory.ts';
import { ints, reals } from '../memory/room.ts';
import type { Mode } from '../operations/operation.ts';
import { bitMap } from './bit-map.ts';
import type { EngineQuantizer, QuantizedNumbers } from './engine-quantizer.ts';

/** A quantizer on the numbers of a buffer. Without quantizer they pass. */
export interface DataQuantizer {
  prepare(batch: SiteBatch, mode: Mode): void;
  /** Quantises the part's numbers; returns the array that they are in. */
  forward(batch: SiteBatch, part: Part, mode: Mode): Float64Array;
  /** The array that `forward` returned. */
  result(): Float64Array;
  /** Turns the gradient of the result into that of the real numbers, in place. */
  backward(batch: SiteBatch, part: Part, gradient: Float64Array): void;
  /** Follows the range of the batch. */
  follow(): void;
  /** `follow`, and the gradients of the formats; returns the value of their regularisers. */
  finish(): number;
}

/** What `dataQuantizer` works on. */
export interface DataQuantizerSettings {
  readonly quantizer: EngineQuantizer | null;
  /** Shape of the data with batch size 1. */
  readonly shape: readonly number[];
  /** Without quantizer, averages pass in double instead of single precision. */
  readonly exact: boolean;
  readonly layout: Layout;
  readonly input: Buffer;
}

/** Compiles a quantizer for the numbers of `input`. */
export function dataQuantizer(settings: DataQuantizerSettings, memory: Memory): DataQuantizer {
  const { quantizer, shape, exact, layout, input } = settings;
  const { channels } = layout;
  const [quotients, quantised, at] = [reals(memory), reals(memory), ints(memory)];
  const map = ints(memory);
  if (quantizer != null) {
    const elements = bitMap(quantizer.shape, shape);
    map.extend(elements.length);
    map.view.set(elements);
  }
  const real = (): Float64Array => (input.divisor === 1 ? input.values : quotients).view;
  const numbers = (from: number, to: number): QuantizedNumbers => ({
    x: real(),
    y: quantised.view,
    at: at.view,
    from,
    to,
  });
  const result = (): Float64Array => (quantizer == null ? real() : quantised.view);
  return {
    result,
    prepare(batch, mode) {
      const count = layout.sites(batch).count * channels;
      if (input.divisor !== 1) quotients.reserve(count);
      if (quantizer == null) return;
      quantised.reserve(count);
      at.reserve(count);
      quantizer.prepare(mode, batch.parts);
    },
    forward(batch, part, mode) {
      const sites = layout.sites(batch);
      const [from, to] = numbersOf(sites, channels, part);
      const { kernels } = part;
      if (input.divisor !== 1) {
        const single = quantizer == null && !exact ? 1 : 0;
        kernels.divide(quotients.view, input.values.view, input.divisor, single, from, to);
      }
      if (quantizer != null) {
        const { base, pixel } = sites;
        kernels.siteIndex(at.view, map.view, pixel.view, channels, base.view[part.from], base.view[part.to]);
        quantizer.forward(numbers(from, to), part, mode);
      }
      return result();
    },
    backward(batch, part, gradient) {
      const [from, to] = numbersOf(layout.sites(batch), channels, part);
      quantizer?.backward(numbers(from, to), gradient, part);
    },
    follow: () => quantizer?.follow(),
    finish() {
      quantizer?.follow();
      return quantizer?.finish() ?? 0;
    },
  };
}
