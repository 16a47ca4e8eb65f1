import { bitMap } from './bit-map.ts';
import type { EngineQuantizer, QuantizedNumbers } from './engine-quantizer.ts';
import type { Memory } from './memory/memory.ts';
import { floats, ints, type Room, reals } from './memory/room.ts';
import type { Mode } from './operation.ts';
import { mostParts, type Part } from './part.ts';
import type { EngineVariable } from './variables.ts';

/** A kernel or bias, quantised once per step. */
export interface EngineWeight {
  /** Values on the grid, after `prepare`. */
  readonly quantised: Room<Float64Array>;
  /** Gradient of `quantised` per part; operations add to it. */
  readonly gradients: readonly Room<Float64Array>[];
  /** Quantises; forgets gradients. */
  prepare(mode: Mode, parts: number): void;
  /** Writes the gradient of the variable, and adds to those of the formats. */
  finish(parts: number): void;
}

/** A weight with its quantizer, or null for one that is used as it is. */
export function engineWeight(
  variable: EngineVariable,
  quantizer: EngineQuantizer | null,
  memory: Memory,
): EngineWeight {
  const { kernels } = memory;
  const size = variable.values.view.length;
  const real = reals(memory, size);
  const quantised = quantizer == null ? real : reals(memory, size);
  const gradients = Array.from({ length: mostParts }, () => reals(memory, size));
  const at = ints(memory, quantizer == null ? 0 : size);
  if (quantizer != null) at.view.set(bitMap(quantizer.shape, variable.shape));
  const result = floats(memory, size);
  variable.gradient = result;
  const whole: Part = { index: 0, kernels, from: 0, to: 1 };
  const numbers = (): QuantizedNumbers => ({ x: real.view, y: quantised.view, at: at.view, from: 0, to: size });
  return {
    quantised,
    gradients,
    prepare(mode, parts) {
      kernels.widen(real.view, variable.values.view, size);
      for (let index = 0; index < parts; index++) kernels.clear(gradients[index].view, size);
      if (quantizer == null) return;
      quantizer.prepare(mode, 1);
      quantizer.forward(numbers(), whole, mode);
      if (mode === 'training') quantizer.follow();
    },
    finish(parts) {
      for (let index = 1; index < parts; index++) {
        kernels.addInto(gradients[0].view, gradients[index].view, size);
      }
      quantizer?.backward(numbers(), gradients[0].view, whole);
      kernels.narrow(result.view, gradients[0].view, size);
    },
  };
}
