import { isPowerOfTwo } from '@sp/quant/numeric';
import { type Buffer, reserve } from '../batch/buffer.ts';
import type { Part } from '../batch/part.ts';
import type { SiteBatch } from '../batch/site-batch.ts';
import type { Memory } from '../memory/memory.ts';
import { ints } from '../memory/room.ts';
import type { Operation } from './operation.ts';

/** Pooling from `level` to the next one. */
export interface SparsePoolSettings {
  readonly kind: 'average' | 'max';
  readonly level: number;
  readonly cell: readonly [number, number];
  readonly channels: number;
  readonly input: Buffer;
  readonly output: Buffer;
}

/** First and last site of a part on both levels. */
type Ranges = readonly [from: number, to: number, nextFrom: number, nextTo: number];

/** Pooling of features; the mask's is the same for all kinds. */
interface Pool {
  prepare(cells: number): void;
  forward(batch: SiteBatch, part: Part, ranges: Ranges): void;
  backward(batch: SiteBatch, part: Part, ranges: Ranges): void;
}

/** Compiles a pooling of features and mask. */
export function sparsePool(settings: SparsePoolSettings, memory: Memory): Operation {
  const { kind, level: index, channels, output } = settings;
  const pool = kind === 'average' ? averages(settings) : maxima(settings, memory);
  const claimed = ints(memory);
  const ranges = ({ levels }: SiteBatch, { from, to }: Part): Ranges => {
    const [base, next] = [levels[index].base.view, levels[index + 1].base.view];
    return [base[from], base[to], next[from], next[to]];
  };
  return {
    prepare({ levels }) {
      const cells = levels[index + 1].count;
      claimed.reserve(cells);
      reserve(output, cells * channels);
      pool.prepare(cells);
    },
    forward(batch, part) {
      const { on, parent } = batch.levels[index];
      const sites = ranges(batch, part);
      part.kernels.poolMask(on.view, parent.view, batch.levels[index + 1].on.view, ...sites);
      pool.forward(batch, part, sites);
    },
    backward(batch, part) {
      const { on, parent, place, dMask } = batch.levels[index];
      const next = batch.levels[index + 1];
      const sites = ranges(batch, part);
      const masks = [next.on.view, dMask.view, next.dMask.view] as const;
      part.kernels.poolMaskBackward(on.view, parent.view, place.view, ...masks, claimed.view, ...sites);
      pool.backward(batch, part, sites);
    },
    finish: () => 0,
  };
}

function averages({ level: index, cell, channels, input, output }: SparsePoolSettings): Pool {
  const area = cell[0] * cell[1];
  let divides = 0;
  let divisor = 1;
  return {
    prepare() {
      divisor = area * input.divisor;
      // Halves, quarters, … fit single precision; other averages stay fractions.
      divides = isPowerOfTwo(divisor) ? 1 : 0;
      output.divisor = divides === 1 ? 1 : divisor;
    },
    forward({ levels }, { kernels }, sites) {
      const { parent } = levels[index];
      const sums = output.values.view;
      kernels.averageForward(input.values.view, sums, parent.view, channels, divides, divisor, ...sites);
    },
    backward({ levels }, { kernels }, [from, to]) {
      const gradients = [input.gradient.view, output.gradient.view] as const;
      kernels.averageBackward(...gradients, levels[index].parent.view, channels, area, from, to);
    },
  };
}

function maxima({ level: index, cell, channels, input, output }: SparsePoolSettings, memory: Memory): Pool {
  const area = cell[0] * cell[1];
  const gaps = ints(memory);
  const winners = ints(memory);
  return {
    prepare(cells) {
      output.divisor = input.divisor;
      gaps.reserve(cells);
      winners.reserve(cells * channels);
    },
    forward({ levels }, { kernels }, sites) {
      const { on, parent, place } = levels[index];
      const lists = [on.view, parent.view, place.view, gaps.view, winners.view] as const;
      kernels.maxForward(input.values.view, output.values.view, ...lists, area, channels, ...sites);
    },
    backward(_batch, { kernels }, sites) {
      kernels.maxBackward(input.gradient.view, output.gradient.view, winners.view, channels, ...sites);
    },
  };
}
