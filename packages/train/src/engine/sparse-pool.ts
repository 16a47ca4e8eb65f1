import { type Buffer, intsOf, reserve, scratch } from './buffers.ts';
import type { Operation } from './operation.ts';
import type { SiteBatch } from './site-batch.ts';

/** Pooling from `level` to the next one. */
export interface SparsePoolSettings {
  readonly kind: 'average' | 'max';
  readonly level: number;
  readonly cell: readonly [number, number];
  readonly channels: number;
  readonly input: Buffer;
  readonly output: Buffer;
}

/** Compiles a pooling of features and mask. */
export function sparsePool(settings: SparsePoolSettings): Operation {
  const { kind, level: index, cell, channels, input, output } = settings;
  const area = cell[0] * cell[1];
  const pool = kind === 'average' ? averages(area, channels, input, output) : maxima(area, channels, input, output);
  const claimed = scratch();
  return {
    forward(batch) {
      const level = batch.levels[index];
      const next = batch.levels[index + 1];
      reserve(output, next.count * channels);
      next.on.fill(0, 0, next.count);
      for (let s = 0; s < level.count; s++) if (level.on[s] === 1 && level.parent[s] >= 0) next.on[level.parent[s]] = 1;
      pool.forward(batch, index);
    },
    backward(batch) {
      const level = batch.levels[index];
      const next = batch.levels[index + 1];
      // The mask's gradient goes to the first active pixel of a cell, or to its first pixel.
      const done = intsOf(claimed, next.count).fill(0, 0, next.count);
      for (let s = 0; s < level.count; s++) {
        const to = level.parent[s];
        if (to < 0 || done[to] === 1) continue;
        if (next.on[to] === 1 ? level.on[s] === 0 : level.place[s] !== 0) continue;
        done[to] = 1;
        level.dMask[s] += next.dMask[to];
      }
      pool.backward(batch, index);
    },
  };
}

interface Pool {
  forward(batch: SiteBatch, index: number): void;
  backward(batch: SiteBatch, index: number): void;
}

function averages(area: number, channels: number, input: Buffer, output: Buffer): Pool {
  return {
    forward(batch, index) {
      const { parent, count } = batch.levels[index];
      const size = batch.levels[index + 1].count * channels;
      const sums = output.values.fill(0, 0, size);
      for (let s = 0; s < count; s++) {
        if (parent[s] < 0) continue;
        const [to, from] = [parent[s] * channels, s * channels];
        for (let c = 0; c < channels; c++) sums[to + c] += input.values[from + c];
      }
      output.divisor = area * input.divisor;
      // Halves, quarters, … fit single precision; other averages stay fractions.
      if (!Number.isInteger(Math.log2(output.divisor))) return;
      for (let j = 0; j < size; j++) sums[j] = Math.fround(sums[j] / output.divisor);
      output.divisor = 1;
    },
    backward(batch, index) {
      const { parent, count } = batch.levels[index];
      for (let s = 0; s < count; s++) {
        const [from, to] = [parent[s] * channels, s * channels];
        for (let c = 0; c < channels; c++) input.gradient[to + c] = from < 0 ? 0 : output.gradient[from + c] / area;
      }
    },
  };
}

function maxima(area: number, channels: number, input: Buffer, output: Buffer): Pool {
  const gaps = scratch();
  const winners = scratch();
  return {
    forward(batch, index) {
      const { parent, place, on, count } = batch.levels[index];
      const cells = batch.levels[index + 1].count;
      const { values, divisor } = input;
      // Place of each cell's first pixel that is not active, whose features are 0; `area` if there is none.
      const gap = intsOf(gaps, cells).fill(0, 0, cells);
      const winner = intsOf(winners, cells * channels).fill(-1, 0, cells * channels);
      output.divisor = divisor;
      for (let s = 0; s < count; s++) {
        const to = parent[s];
        if (to < 0 || on[s] === 0) continue;
        if (gap[to] === place[s]) gap[to]++;
        for (let c = 0, j = s * channels, w = to * channels; c < channels; c++, j++, w++) {
          if (
            winner[w] >= 0 &&
            Math.fround(values[j] / divisor) <= Math.fround(values[winner[w] * channels + c] / divisor)
          )
            continue;
          winner[w] = s;
        }
      }
      for (let to = 0, w = 0; to < cells; to++) {
        for (let c = 0; c < channels; c++, w++) {
          const best = winner[w];
          const value = best < 0 ? 0 : values[best * channels + c];
          const zeroWins = gap[to] < area && (best < 0 || value < 0 || (value === 0 && gap[to] < place[best]));
          output.values[w] = zeroWins ? 0 : value;
          if (zeroWins) winner[w] = -1;
        }
      }
      // A site that is not active may be the pixel that gives the 0.
      for (let s = 0; s < count; s++) {
        const to = parent[s];
        if (to < 0 || on[s] === 1 || place[s] !== gap[to]) continue;
        for (let c = 0, w = to * channels; c < channels; c++, w++) if (winner[w] < 0) winner[w] = s;
      }
    },
    backward(batch, index) {
      const { count } = batch.levels[index];
      const cells = batch.levels[index + 1].count;
      input.gradient.fill(0, 0, count * channels);
      for (let to = 0, w = 0; to < cells; to++) {
        for (let c = 0; c < channels; c++, w++) {
          const from = winners.ints[w];
          if (from >= 0) input.gradient[from * channels + c] += output.gradient[w];
        }
      }
    },
  };
}
