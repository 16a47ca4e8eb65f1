import type { Dataset } from '../data/dataset.ts';
import { imageLists } from './image-lists.ts';
import type { Memory } from './memory/memory.ts';
import type { Mode } from './operation.ts';
import type { Part } from './part.ts';
import type { Program } from './program.ts';
import { gatherSites, layOut, type SiteBatch, siteBatch } from './site-batch.ts';

/** Turns images into batches of sites; remembers the lists of images that it has seen. */
export interface TakenImages {
  readonly batch: SiteBatch;
  /** Makes the images `indices[from … to − 1]` of a data set the batch. */
  take(data: Dataset, indices: ArrayLike<number>, from: number, to: number): void;
  /** Makes the images `from … to − 1` the batch; remembers nothing. */
  takeOnce(images: Float32Array, from: number, to: number): void;
  /** Lays out the sites of a part. */
  gather(part: Part): void;
  /** Forgets all lists. */
  forget(): void;
}

/** `listMemory`: bytes that remembered lists may take before they are made anew. */
export function takeImages(
  { plan, reduction, imageQuantizers }: Program,
  mode: Mode,
  memory: Memory,
  listMemory: number,
): TakenImages {
  const lists = imageLists(plan, memory);
  const batch = siteBatch(plan, lists, memory);
  const [{ height, width }] = plan.levels;
  const pixels = height * width * plan.channels;
  const image = new Float64Array(pixels);
  let known: { readonly data: Dataset; readonly entryOf: Int32Array } | null = null;

  function add(images: Float32Array, index: number): number {
    const from = index * pixels;
    for (let j = 0; j < pixels; j++) image[j] = images[from + j];
    for (const quantizer of imageQuantizers) quantizer.apply(image, mode);
    if (mode === 'training' && reduction.isLearned) return lists.add(image, 0, Infinity);
    const { threshold, slots } = reduction.selection();
    return lists.add(image, threshold, slots);
  }

  function forget(): void {
    lists.clear();
    known?.entryOf.fill(-1);
  }

  function reserve(size: number): void {
    batch.size = size;
    batch.entries.reserve(size);
    batch.labels.reserve(size);
  }

  return {
    batch,
    forget,
    take(data, indices, from, to) {
      if (known?.data !== data) {
        known = { data, entryOf: new Int32Array(data.labels.length).fill(-1) };
        lists.clear();
      }
      if (lists.bytes > listMemory) forget();
      const { entryOf } = known;
      const size = to - from;
      reserve(size);
      for (let b = 0; b < size; b++) {
        const index = indices[from + b];
        if (entryOf[index] < 0) entryOf[index] = add(data.images, index);
        batch.entries.view[b] = entryOf[index];
        batch.labels.view[b] = data.labels[index];
      }
      layOut(batch);
    },
    takeOnce(images, from, to) {
      lists.clear();
      reserve(to - from);
      for (let b = 0; b < to - from; b++) {
        // First the list, which may move the memory.
        const entry = add(images, from + b);
        batch.entries.view[b] = entry;
      }
      layOut(batch);
    },
    gather: (part) => gatherSites(batch, part),
  };
}
