import { bitMap } from './bit-map.ts';
import type { EngineQuantizer } from './engine-quantizer.ts';
import type { EngineVariable } from './variables.ts';

/** A kernel or bias, quantised once per step. */
export interface EngineWeight {
  /** Values on the grid, after `forward`. */
  readonly quantised: Float64Array;
  /** Gradient of `quantised`; operations add to it, `forward` clears it. */
  readonly gradient: Float64Array;
  forward(): void;
  backward(): void;
}

/** A weight with its quantizer, or null for one that is used as it is. */
export function engineWeight(variable: EngineVariable, quantizer: EngineQuantizer | null): EngineWeight {
  const size = variable.values.length;
  const real = new Float64Array(size);
  const quantised = quantizer == null ? real : new Float64Array(size);
  const gradient = new Float64Array(size);
  const at = quantizer == null ? new Int32Array(0) : bitMap(quantizer.shape, variable.shape);
  const result = new Float32Array(size);
  variable.gradient = result;
  return {
    quantised,
    gradient,
    forward() {
      real.set(variable.values);
      gradient.fill(0);
      if (quantizer == null) return;
      quantizer.begin();
      quantizer.forward(real, quantised, at, size);
    },
    backward() {
      quantizer?.backward(real, quantised, gradient, at, size);
      result.set(gradient);
    },
  };
}
