/**
 * Windows over an image whose rows come in parts. Rows wait in line buffers until the last row of a window is there; one window per column and row of a part is computed per
 * clock, and the results come in parts again.
 */
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import type { DenseChunks } from './value.ts';

/** How windows go along the rows of an image. */
export interface RowSteps {
  /** Rows of the image, of a window, and of the result. */
  readonly height: number;
  readonly size: number;
  readonly outHeight: number;
  readonly stride: number;
  readonly dilation: number;
  /** Rows of zeros above the image. */
  readonly above: number;
}

/** The rows that windows see while the image comes in. */
export interface StreamedRows {
  /** Parts of the result, and rows of it per part. */
  readonly phases: number;
  readonly perClock: number;
  /** Element `at` of the row that window row `a` of row `r` of a part sees: a chunk signal, 0 beyond the image. */
  element(r: number, a: number, at: number): Signal;
}

/** The rows as windows see them; `undefined` where parts of the result would not follow the parts of the image. */
export function streamedRows(b: ModuleBuilder, chunks: DenseChunks, steps: RowSteps): StreamedRows | undefined {
  const { height, size, outHeight, stride, dilation, above } = steps;
  const { perClock: given, elements } = chunks;
  const perClock = given / stride;
  const phases = Math.ceil(outHeight / perClock);
  if (!Number.isInteger(perClock) || phases > b.interval || chunks.phases === 1) return undefined;
  const width = elements.length / given;
  const last = (perClock - 1) * stride - above + (size - 1) * dilation;
  const ahead = Math.max(0, Math.floor(last / given));
  return {
    phases,
    perClock,
    element(r, a, at) {
      // Rows from the first row of the part of the same number on.
      const offset = r * stride - above + a * dilation;
      const part = Math.floor(offset / given);
      const x = elements[(offset - part * given) * width + at];
      if (isConstant(x) && x.lo === 0n) return x;
      const inside = Array.from({ length: phases }, (_, p) => p * given + offset).map(
        (row) => row >= 0 && row < height,
      );
      const moved = b.neighbour(x, part, ahead);
      if (inside.every((yes) => yes)) return moved;
      return b.gate(b.or(inside.flatMap((yes, p) => (yes ? [b.phaseBit(moved.stage, p)] : []))), moved);
    },
  };
}
