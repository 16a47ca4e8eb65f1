import type { ImageLists, ListPlan } from './image-lists.ts';

/** Sites of one level for the images of a batch, one image after the other. */
export interface SiteLevel {
  /** Image `b` has sites `base[b] … base[b + 1] − 1`. */
  base: Int32Array;
  /** Pixel within its image. */
  pixel: Int32Array;
  /** 1 where the mask is 1. */
  on: Uint8Array;
  /** Gradient of the mask. */
  dMask: Float64Array;
  /** Site of the next level that contains it, −1 outside all cells. */
  parent: Int32Array;
  /** Place inside that cell, row-major. */
  place: Int32Array;
  /** Number of sites of the batch. */
  count: number;
}

/** The images of a step. */
export interface SiteBatch {
  readonly lists: ImageLists;
  readonly levels: readonly SiteLevel[];
  /** Number of images, their entries in the lists, and their classes. */
  size: number;
  entries: Int32Array;
  labels: Int32Array;
}

/** An empty batch. */
export function siteBatch(plan: ListPlan, lists: ImageLists): SiteBatch {
  return {
    lists,
    levels: plan.levels.map(() => ({
      base: new Int32Array(1),
      pixel: new Int32Array(0),
      on: new Uint8Array(0),
      dMask: new Float64Array(0),
      parent: new Int32Array(0),
      place: new Int32Array(0),
      count: 0,
    })),
    size: 0,
    entries: new Int32Array(0),
    labels: new Int32Array(0),
  };
}

/** Gathers the sites of the batch's entries on every level. All are `on` until a reduction says otherwise. */
export function gatherSites(batch: SiteBatch): void {
  const { lists, size, entries } = batch;
  for (const [index, level] of batch.levels.entries()) {
    const source = lists.levels[index];
    const starts = source.start.data;
    if (level.base.length < size + 1) level.base = new Int32Array(size + 1);
    let count = 0;
    for (let b = 0; b < size; b++) {
      level.base[b] = count;
      count += starts[entries[b] + 1] - starts[entries[b]];
    }
    level.base[size] = count;
    level.count = count;
    if (level.pixel.length < count) {
      const room = roomFor(count);
      level.pixel = new Int32Array(room);
      level.on = new Uint8Array(room);
      level.dMask = new Float64Array(room);
      level.parent = new Int32Array(room);
      level.place = new Int32Array(room);
    }
    const hasParents = index + 1 < batch.levels.length;
    for (let b = 0, s = 0; b < size; b++) {
      for (let from = starts[entries[b]]; from < starts[entries[b] + 1]; from++, s++) {
        level.pixel[s] = source.pixel.data[from];
        if (!hasParents) continue;
        level.parent[s] = source.parent.data[from];
        level.place[s] = source.place.data[from];
      }
    }
    level.on.fill(1, 0, count);
    level.dMask.fill(0, 0, count);
  }
  // Parents count from the first site of their image.
  for (let index = 0; index + 1 < batch.levels.length; index++) {
    const { base, parent } = batch.levels[index];
    const next = batch.levels[index + 1].base;
    for (let b = 0; b < size; b++) {
      for (let s = base[b]; s < base[b + 1]; s++) if (parent[s] >= 0) parent[s] += next[b];
    }
  }
}

/** Some more than `count`, so that batches of similar size seldom need new memory. */
export function roomFor(count: number): number {
  return count + (count >> 2) + 16;
}
