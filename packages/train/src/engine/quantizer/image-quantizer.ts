import type { Memory } from '../memory/memory.ts';
import { ints, reals } from '../memory/room.ts';
import type { Mode } from '../operations/operation.ts';
import { bitMap } from './bit-map.ts';
import type { EngineQuantizer } from './engine-quantizer.ts';

/** A quantizer on a whole image, before its active pixels are known. Its formats never change. */
export interface ImageQuantizer {
  /** Quantises the image in place. */
  apply(image: Float64Array, mode: Mode): void;
}

/** Compiles a quantizer for images of `shape`. */
export function imageQuantizer(
  quantizer: EngineQuantizer,
  shape: readonly [number, number, number],
  memory: Memory,
): ImageQuantizer {
  const elements = bitMap(quantizer.shape, [1, ...shape]);
  const count = elements.length;
  const [x, y, at] = [reals(memory, count), reals(memory, count), ints(memory, count)];
  at.view.set(elements);
  const { kernels } = memory;
  return {
    apply(image, mode) {
      x.view.set(image);
      quantizer.prepare(mode, 1);
      const numbers = { x: x.view, y: y.view, at: at.view, from: 0, to: count };
      quantizer.forward(numbers, { index: 0, kernels, from: 0, to: 1 }, mode);
      image.set(y.view);
    },
  };
}
