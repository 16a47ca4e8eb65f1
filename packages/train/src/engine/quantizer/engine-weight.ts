import { sizeOf } from '@sp/layers/kernels';
import { mostParts, type Part } from '../batch/part.ts';
import type { Memory } from '../memory/memory.ts';
import { floats, ints, type Room, reals } from '../memory/room.ts';
import type { Mode } from '../operations/operation.ts';
import type { EngineVariable } from '../variables.ts';
import { bitMap } from './bit-map.ts';
import type { EachQuantizer, EngineQuantizer, QuantizedNumbers } from './engine-quantizer.ts';

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

type Gradient = Room<Float32Array>;

/** How the values of a weight come to the grid, and the gradient back. */
interface Way {
  readonly quantised: Room<Float64Array>;
  forward(mode: Mode): void;
  /** From the gradient of what is on the grid. */
  backward(d: Float64Array): void;
}

/** A weight with its quantizer, or null for one that is used as it is. */
export function engineWeight(
  variable: EngineVariable,
  quantizer: EngineQuantizer | null,
  memory: Memory,
): EngineWeight {
  const { kernels } = memory;
  const size = variable.values.view.length;
  const gradients = Array.from({ length: mostParts }, () => reals(memory, size));
  const gradient = floats(memory, size);
  variable.gradient = gradient;
  const way =
    quantizer?.each != null && sizeOf(quantizer.shape) === size
      ? formatEach(variable, gradient, quantizer.each, memory)
      : sharedFormats(variable, gradient, quantizer, memory);
  return {
    quantised: way.quantised,
    gradients,
    prepare(mode, parts) {
      for (let index = 0; index < parts; index++) kernels.clear(gradients[index].view, size);
      quantizer?.prepare(mode, 1);
      way.forward(mode);
      if (mode === 'training') quantizer?.follow();
    },
    finish(parts) {
      for (let index = 1; index < parts; index++) {
        kernels.addInto(gradients[0].view, gradients[index].view, size);
      }
      way.backward(gradients[0].view);
    },
  };
}

/** Every number has a format of its own. */
function formatEach({ values }: EngineVariable, gradient: Gradient, each: EachQuantizer, memory: Memory): Way {
  const quantised = reals(memory, values.view.length);
  return {
    quantised,
    forward: () => each.forward(values.view, quantised.view),
    backward: (d) => each.backward(values.view, quantised.view, d, gradient.view),
  };
}

/** Numbers share formats, or have none. */
function sharedFormats(
  { values, shape }: EngineVariable,
  gradient: Gradient,
  quantizer: EngineQuantizer | null,
  memory: Memory,
): Way {
  const { kernels } = memory;
  const size = values.view.length;
  const real = reals(memory, size);
  const quantised = quantizer == null ? real : reals(memory, size);
  const at = ints(memory, quantizer == null ? 0 : size);
  if (quantizer != null) at.view.set(bitMap(quantizer.shape, shape));
  const whole: Part = { index: 0, kernels, from: 0, to: 1 };
  const numbers = (): QuantizedNumbers => ({ x: real.view, y: quantised.view, at: at.view, from: 0, to: size });
  return {
    quantised,
    forward(mode) {
      kernels.widen(real.view, values.view, size);
      quantizer?.forward(numbers(), whole, mode);
    },
    backward(d) {
      quantizer?.backward(numbers(), d, whole);
      kernels.narrow(gradient.view, d, size);
    },
  };
}
