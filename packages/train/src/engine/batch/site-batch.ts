import type { Memory } from '../memory/memory.ts';
import { bytes, ints, type Room, reals } from '../memory/room.ts';
import type { ImageLists, ListPlan } from './image-lists.ts';
import type { Part } from './part.ts';

/** Where the numbers of a buffer lie: image `b` has the sites `base[b] … base[b + 1] − 1`. */
export interface Sites {
  readonly base: Room<Int32Array>;
  /** Pixel of every site within its image. */
  readonly pixel: Room<Int32Array>;
  /** Number of sites of the batch. */
  count: number;
}

/** Sites of one level for the images of a batch, one image after the other. */
export interface SiteLevel extends Sites {
  /** 1 where the mask is 1. */
  readonly on: Room<Uint8Array>;
  /** Gradient of the mask. */
  readonly dMask: Room<Float64Array>;
  /** Site of the next level that contains it, −1 outside all cells. */
  readonly parent: Room<Int32Array>;
  /** Place inside that cell, row-major. */
  readonly place: Room<Int32Array>;
}

/** The images of a step. */
export interface SiteBatch {
  readonly lists: ImageLists;
  readonly levels: readonly SiteLevel[];
  /** One site per image, for whole vectors. */
  readonly vectors: Sites;
  /** Number of parts that a step is computed in. */
  parts: number;
  /** Number of images, their entries in the lists, and their classes. */
  size: number;
  readonly entries: Room<Int32Array>;
  readonly labels: Room<Int32Array>;
  /** Weights of the images in the task loss. */
  readonly weights: Room<Float64Array>;
  /** Number of classes that labels count. */
  classes: number;
}

/** An empty batch. */
export function siteBatch(plan: ListPlan, lists: ImageLists, memory: Memory): SiteBatch {
  return {
    lists,
    levels: plan.levels.map(() => ({
      base: ints(memory),
      pixel: ints(memory),
      on: bytes(memory),
      dMask: reals(memory),
      parent: ints(memory),
      place: ints(memory),
      count: 0,
    })),
    vectors: { base: ints(memory), pixel: ints(memory), count: 0 },
    parts: 1,
    size: 0,
    entries: ints(memory),
    labels: ints(memory),
    weights: reals(memory),
    classes: 2,
  };
}

/** Makes room for the sites of the batch's entries on every level, and counts them. */
export function layOut(batch: SiteBatch): void {
  const { lists, size, vectors } = batch;
  for (const [index, level] of batch.levels.entries()) {
    level.base.reserve(size + 1);
    const entries = batch.entries.view;
    const starts = lists.levels[index].start.view;
    const base = level.base.view;
    let count = 0;
    for (let b = 0; b < size; b++) {
      base[b] = count;
      count += starts[entries[b] + 1] - starts[entries[b]];
    }
    base[size] = count;
    level.count = count;
    for (const room of [level.pixel, level.on, level.dMask, level.parent, level.place]) room.reserve(count);
  }
  vectors.count = size;
  if (vectors.base.view.length < size + 1) {
    vectors.base.reserve(size + 1);
    vectors.pixel.reserve(size + 1);
    const { view } = vectors.base;
    for (let b = 0; b < view.length; b++) view[b] = b;
  }
}

/** Gathers the sites of the part's images on every level. All are `on` until a reduction says otherwise. */
export function gatherSites({ lists, levels, entries }: SiteBatch, { kernels, from, to }: Part): void {
  for (const [index, { base, pixel, parent, place, on, dMask }] of levels.entries()) {
    const source = lists.levels[index];
    const hasNext = index + 1 < levels.length;
    kernels.gatherSites(
      pixel.view,
      parent.view,
      place.view,
      on.view,
      dMask.view,
      source.pixel.view,
      source.parent.view,
      source.place.view,
      source.start.view,
      entries.view,
      base.view,
      levels[hasNext ? index + 1 : index].base.view,
      hasNext ? 1 : 0,
      from,
      to,
    );
  }
}
