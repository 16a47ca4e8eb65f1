import type { Dataset } from '../../data/dataset.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Memory } from '../memory/memory.ts';
import type { Mode } from '../operations/operation.ts';
import type { Program } from '../operations/program.ts';
import { imageLists } from './image-lists.ts';
import type { Part } from './part.ts';
import { gatherSites, layOut, type SiteBatch, siteBatch } from './site-batch.ts';

/** Turns images into batches of sites; remembers the lists of images that it has seen. */
export interface TakenImages {
  readonly batch: SiteBatch;
  /**
   * Makes the images `indices[from … to − 1]` of a data set the batch, as they are now: lists of images that were changed in place are
   * made anew. `weights`: one per image of the data set; default all 1.
   */
  take(data: Dataset, indices: ArrayLike<number>, from: number, to: number, weights?: ArrayLike<number>): void;
  /** Makes the images `from … to − 1` the batch; remembers nothing. */
  takeOnce(images: Float32Array, from: number, to: number): void;
  /** Lays out the sites of a part. */
  gather(part: Part): void;
  /** Forgets all lists. */
  forget(): void;
  /** Lets go of the data set, too. */
  end(): void;
}

/** A data set with, per image, the entry of its lists (−1: none) and the fingerprint of the pixels that they were made of. */
interface KnownImages {
  readonly data: Dataset;
  readonly entryOf: Int32Array;
  readonly seen: Int32Array;
}

/**
 * `listMemory`: bytes that remembered lists may take before they are made anew. `imagesChange`: lists of images that were changed in place are made
 * anew, too.
 */
export function takeImages(
  { plan, reduction, imageQuantizers }: Program,
  mode: Mode,
  memory: Memory,
  listMemory: number,
  imagesChange: boolean,
): TakenImages {
  const lists = imageLists(plan, memory);
  const batch = siteBatch(plan, lists, memory);
  const [{ height, width }] = plan.levels;
  const pixels = height * width * plan.channels;
  const image = new Float64Array(pixels);
  let known: KnownImages | null = null;

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
    batch.weights.reserve(size);
  }

  return {
    batch,
    forget,
    end() {
      forget();
      known = null;
    },
    take(data, indices, from, to, weights) {
      if (known?.data !== data) {
        const count = data.labels.length;
        known = { data, entryOf: new Int32Array(count).fill(-1), seen: new Int32Array(count) };
        lists.clear();
      }
      const { entryOf, seen } = known;
      // Lists of former images stay among the others until they are as many as those.
      if (lists.bytes > listMemory || lists.count > 2 * entryOf.length) forget();
      const { buffer, byteOffset, length } = data.images;
      const words = new Int32Array(buffer, byteOffset, length);
      const size = to - from;
      reserve(size);
      batch.classes = data.classes;
      for (let b = 0; b < size; b++) {
        const index = indices[from + b];
        const now = imagesChange ? fingerprint(words, index * pixels, pixels) : 0;
        if (entryOf[index] < 0 || seen[index] !== now) {
          entryOf[index] = add(data.images, index);
          seen[index] = now;
        }
        batch.entries.view[b] = entryOf[index];
        batch.labels.view[b] = data.labels[index];
        batch.weights.view[b] = weights === undefined ? 1 : weights[index];
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
