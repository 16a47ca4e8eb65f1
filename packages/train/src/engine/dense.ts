import { type Buffer, realsOf, reserve, scratch } from './buffers.ts';
import type { DataQuantizer } from './data-quantizer.ts';
import type { EngineWeight } from './engine-weight.ts';
import type { Layout, LayoutOf } from './layout.ts';
import type { Operation } from './operation.ts';

/** `act(q(x) · kernel + bias)` on vectors of which only the listed elements can differ from 0. */
export interface DenseSettings {
  readonly units: number;
  readonly isRelu: boolean;
  readonly layout: LayoutOf;
  readonly input: Buffer;
  readonly output: Buffer;
  readonly iq: DataQuantizer;
  readonly kernel: EngineWeight;
  readonly bias: EngineWeight | null;
}

/** Compiles a dense layer. */
export function dense({ units, isRelu, layout: layoutOf, input, output, iq, kernel, bias }: DenseSettings): Operation {
  const upstream = scratch();
  let layout: Layout = { start: new Int32Array(1), element: new Int32Array(0), count: 0 };
  let x: Float64Array = new Float64Array(0);
  return {
    forward(batch) {
      layout = layoutOf(batch);
      const { start, element, count } = layout;
      x = iq.forward(input.values, input.divisor, element, count);
      kernel.forward();
      bias?.forward();
      const size = batch.size * units;
      reserve(output, size);
      const y = output.values.fill(0, 0, size);
      const weights = kernel.quantised;
      for (let b = 0; b < batch.size; b++) {
        const to = b * units;
        for (let j = start[b]; j < start[b + 1]; j++) {
          const value = x[j];
          if (value === 0) continue;
          const from = element[j] * units;
          for (let u = 0; u < units; u++) y[to + u] += value * weights[from + u];
        }
        for (let u = 0; u < units; u++) {
          let sum = Math.fround(y[to + u]);
          if (bias != null) sum = Math.fround(sum + bias.quantised[u]);
          y[to + u] = isRelu && !(sum > 0) ? 0 : sum;
        }
      }
      output.divisor = 1;
    },
    backward(batch) {
      const { start, element, count } = layout;
      const size = batch.size * units;
      const g = realsOf(upstream, size);
      for (let b = 0, j = 0; b < batch.size; b++) {
        for (let u = 0; u < units; u++, j++) {
          g[j] = isRelu && output.values[j] === 0 ? 0 : output.gradient[j];
          if (bias != null) bias.gradient[u] += g[j];
        }
      }
      const weights = kernel.quantised;
      const dKernel = kernel.gradient;
      const dx = input.gradient;
      for (let b = 0; b < batch.size; b++) {
        const at = b * units;
        for (let j = start[b]; j < start[b + 1]; j++) {
          const from = element[j] * units;
          const value = x[j];
          let sum = 0;
          for (let u = 0; u < units; u++) {
            const upstreamOfUnit = g[at + u];
            sum += upstreamOfUnit * weights[from + u];
            dKernel[from + u] += upstreamOfUnit * value;
          }
          dx[j] = sum;
        }
      }
      iq.backward(dx, count);
      kernel.backward();
      bias?.backward();
    },
  };
}
