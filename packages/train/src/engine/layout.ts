import { roomFor, type SiteBatch } from './site-batch.ts';

/** Which elements of each image a buffer holds; the others are 0. */
export interface Layout {
  /** Image `b` has the buffer's numbers `start[b] … start[b + 1] − 1`. */
  start: Int32Array;
  /** Index of each number in the flattened image or vector. */
  element: Int32Array;
  /** Numbers of the batch. */
  count: number;
}

/** Brings a layout up to date with a batch. */
export type LayoutOf = (batch: SiteBatch) => Layout;

/** Features of the sites of a level, channels last. Computed anew when asked for: call it once per forward pass. */
export function siteLayout(level: number, channels: number): LayoutOf {
  const layout: Layout = { start: new Int32Array(1), element: new Int32Array(0), count: 0 };
  return (batch) => {
    const { base, pixel, count } = batch.levels[level];
    layout.count = count * channels;
    if (layout.start.length < batch.size + 1) layout.start = new Int32Array(batch.size + 1);
    if (layout.element.length < layout.count) layout.element = new Int32Array(roomFor(layout.count));
    for (let b = 0; b <= batch.size; b++) layout.start[b] = base[b] * channels;
    for (let s = 0, j = 0; s < count; s++) {
      for (let c = 0; c < channels; c++, j++) layout.element[j] = pixel[s] * channels + c;
    }
    return layout;
  };
}

/** Whole vectors of `width` numbers. */
export function vectorLayout(width: number): LayoutOf {
  const layout: Layout = { start: new Int32Array(1), element: new Int32Array(0), count: 0 };
  return ({ size }) => {
    layout.count = size * width;
    if (layout.start.length < size + 1) layout.start = Int32Array.from({ length: size + 1 }, (_, b) => b * width);
    if (layout.element.length < layout.count) {
      layout.element = Int32Array.from({ length: layout.count }, (_, j) => j % width);
    }
    return layout;
  };
}
