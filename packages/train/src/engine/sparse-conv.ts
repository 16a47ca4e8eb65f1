import { type Buffer, realsOf, reserve, scratch } from './buffers.ts';
import type { DataQuantizer } from './data-quantizer.ts';
import type { EngineWeight } from './engine-weight.ts';
import { siteLayout } from './layout.ts';
import type { Operation } from './operation.ts';
import type { SiteBatch } from './site-batch.ts';

/** A sparse convolution: `on · act(bias ⊕ conv(q(x), kernel))`, ⊕ where the sum is not 0 (sparsepixels §1.2). */
export interface SparseConvSettings {
  readonly level: number;
  /** Which neighbour lists to use. */
  readonly window: number;
  readonly channels: number;
  readonly filters: number;
  readonly isRelu: boolean;
  readonly input: Buffer;
  readonly output: Buffer;
  readonly iq: DataQuantizer;
  readonly kernel: EngineWeight;
  readonly bias: EngineWeight | null;
}

/** Compiles the convolution. Gradients of the mask are those of `ops/sparse-conv.ts` in `@sp/layers`. */
export function sparseConv(settings: SparseConvSettings): Operation {
  const { level: levelIndex, window, channels, filters, isRelu, input, output, iq, kernel, bias } = settings;
  const layout = siteLayout(levelIndex, channels);
  const sums = scratch();
  const active = scratch();
  let x: Float64Array = new Float64Array(0);

  function convolve(batch: SiteBatch, open: Float64Array): void {
    const { base } = batch.levels[levelIndex];
    const starts = batch.lists.levels[levelIndex].start.data;
    const row = batch.lists.windows[window].row.data;
    const pairs = batch.lists.windows[window].pairs.data;
    const weights = kernel.quantised;
    const stride = channels * filters;
    for (let b = 0; b < batch.size; b++) {
      const first = base[b];
      const source = starts[batch.entries[b]] - first;
      for (let o = first; o < base[b + 1]; o++) {
        const to = o * filters;
        const end = 2 * row[source + o + 1];
        for (let e = 2 * row[source + o]; e < end; e += 2) {
          const at = (first + pairs[e]) * channels;
          const tap = pairs[e + 1] * stride;
          for (let c = 0; c < channels; c++) {
            const value = x[at + c];
            if (value === 0) continue;
            const from = tap + c * filters;
            for (let f = 0; f < filters; f++) open[to + f] += value * weights[from + f];
          }
        }
      }
    }
  }

  function correlate(batch: SiteBatch, dOpen: Float64Array): void {
    const { base, on } = batch.levels[levelIndex];
    const starts = batch.lists.levels[levelIndex].start.data;
    const row = batch.lists.windows[window].row.data;
    const pairs = batch.lists.windows[window].pairs.data;
    const weights = kernel.quantised;
    const dKernel = kernel.gradient;
    const dx = input.gradient;
    const stride = channels * filters;
    for (let b = 0; b < batch.size; b++) {
      const first = base[b];
      const source = starts[batch.entries[b]] - first;
      for (let o = first; o < base[b + 1]; o++) {
        if (on[o] === 0) continue;
        const g0 = o * filters;
        const end = 2 * row[source + o + 1];
        for (let e = 2 * row[source + o]; e < end; e += 2) {
          const at = (first + pairs[e]) * channels;
          const tap = pairs[e + 1] * stride;
          for (let c = 0; c < channels; c++) {
            const value = x[at + c];
            const from = tap + c * filters;
            let sum = 0;
            for (let f = 0; f < filters; f++) {
              const g = dOpen[g0 + f];
              sum += g * weights[from + f];
              dKernel[from + f] += g * value;
            }
            dx[at + c] += sum;
          }
        }
      }
    }
  }

  return {
    forward(batch) {
      const { on, count } = batch.levels[levelIndex];
      const size = count * filters;
      const elements = layout(batch);
      x = iq.forward(input.values, input.divisor, elements.element, elements.count);
      kernel.forward();
      bias?.forward();
      reserve(output, size);
      const open = realsOf(sums, size).fill(0, 0, size);
      convolve(batch, open);
      const activated = realsOf(active, size);
      for (let o = 0, j = 0; o < count; o++) {
        for (let f = 0; f < filters; f++, j++) {
          // Single precision, as on tensors: a sum that only double precision tells from 0 gets no bias.
          open[j] = Math.fround(open[j]);
          const sum = open[j] === 0 ? 0 : bias == null ? open[j] : Math.fround(open[j] + bias.quantised[f]);
          activated[j] = isRelu && !(sum > 0) ? 0 : sum;
          output.values[j] = on[o] === 1 ? activated[j] : 0;
        }
      }
      output.divisor = 1;
    },
    backward(batch) {
      const { on, dMask, count } = batch.levels[levelIndex];
      const open = sums.reals;
      const activated = active.reals;
      const dy = output.gradient;
      for (let o = 0, j = 0; o < count; o++) {
        let through = 0;
        for (let f = 0; f < filters; f++, j++) {
          const upstream = dy[j];
          through += upstream * activated[j];
          const g = on[o] === 0 || (isRelu && activated[j] === 0) ? 0 : upstream;
          if (bias != null && open[j] !== 0) bias.gradient[f] += g;
          // From here on the memory of the sums holds their gradient.
          open[j] = g;
        }
        dMask[o] += through;
      }
      input.gradient.fill(0, 0, count * channels);
      correlate(batch, open);
      iq.backward(input.gradient, count * channels);
      const dx = input.gradient;
      for (let s = 0, j = 0; s < count; s++) {
        let through = 0;
        for (let c = 0; c < channels; c++, j++) {
          through += (dx[j] * input.values[j]) / input.divisor;
          if (on[s] === 0) dx[j] = 0;
        }
        dMask[s] += through;
      }
      kernel.backward();
      bias?.backward();
    },
  };
}
