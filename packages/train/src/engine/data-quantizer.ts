import { bitMap } from './bit-map.ts';
import { intsOf, realsOf, type Scratch, scratch } from './buffers.ts';
import type { EngineQuantizer } from './engine-quantizer.ts';

/**
 * A quantizer on data between operations: elements of images given by their index in the image. Without quantizer the
 * data pass.
 */
export interface DataQuantizer {
  readonly quantizer: EngineQuantizer | null;
  /** Quantises `count` numbers `values / divisor`; returns the result, valid until the next call. */
  forward(values: Float64Array, divisor: number, elements: Int32Array, count: number): Float64Array;
  /** Turns the gradient of the result into that of the real numbers, in place. */
  backward(gradient: Float64Array, count: number): void;
}

/** `shape`: that of the data with batch size 1. `exact`: without quantizer, averages pass in double instead of single precision. */
export function dataQuantizer(
  quantizer: EngineQuantizer | null,
  shape: readonly number[],
  exact: boolean,
): DataQuantizer {
  const map = quantizer == null ? new Int32Array(0) : bitMap(quantizer.shape, shape);
  const real = scratch();
  const quantised = scratch();
  const at: Scratch = scratch();
  return {
    quantizer,
    forward(values, divisor, elements, count) {
      const x = realsOf(real, count);
      if (divisor === 1) for (let j = 0; j < count; j++) x[j] = values[j];
      else for (let j = 0; j < count; j++) x[j] = values[j] / divisor;
      if (quantizer == null) {
        if (!exact && divisor !== 1) for (let j = 0; j < count; j++) x[j] = Math.fround(x[j]);
        return x;
      }
      const index = intsOf(at, count);
      for (let j = 0; j < count; j++) index[j] = map[elements[j]];
      const y = realsOf(quantised, count);
      quantizer.begin();
      quantizer.forward(x, y, index, count);
      return y;
    },
    backward(gradient, count) {
      quantizer?.backward(real.reals, quantised.reals, gradient, at.ints, count);
    },
  };
}
