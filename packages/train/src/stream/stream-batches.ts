import type { Batch } from '../data/batches.ts';
import { pixelsPerImage } from '../data/dataset.ts';
import { shuffledIndices } from '../data/random.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { readChecked } from './read-checked.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/** How to mix images of a stream. */
export interface StreamShuffle {
  readonly seed: number;
  /** Every epoch has its own order. Default 0. */
  readonly epoch?: number;
  /** Images mixed with each other; twice as many are in memory. Default 2048, of large images as many as 16 MiB hold. */
  readonly buffer?: number;
  /** Images read in one piece. Default 128. */
  readonly block?: number;
}

/** Numbers that the default buffer holds at most: 16 MiB of them. */
const defaultBufferNumbers = 2 ** 22;

/**
 * Walks through a streaming data set in batches, the last one possibly smaller; the next piece is read while a batch is in use. The arrays
 * of a batch are only valid until the next one is asked for.
 *
 * With `shuffle` blocks of neighbouring images are visited in random order and the images of as many blocks as fit into the buffer are mixed: each
 * image comes once, and the order depends on the options only. Data sorted by class need a buffer of many blocks.
 *
 * @throws OptionError for unknown options and sizes that are not whole numbers ≥ 1; DataError for pieces with another number of images than asked for, or
 * labels that are no classes; from reading, what the data set throws.
 * @example
 * for await (const { images, labels } of streamBatches(data, 64, { seed: 1, epoch })) { … }
 */
export async function* streamBatches(
  data: StreamingDataset,
  batchSize: number,
  shuffle?: StreamShuffle,
): AsyncGenerator<Batch, void, void> {
  const pixels = pixelsPerImage(data.shape);
  checkOptionNames(shuffle ?? {}, ['seed', 'epoch', 'buffer', 'block'], 'streamBatches');
  const defaultBuffer = Math.max(1, Math.min(2048, Math.floor(defaultBufferNumbers / pixels)));
  const { seed = 0, epoch = 0, buffer = defaultBuffer, block = 128 } = shuffle ?? {};
  for (const [name, value] of Object.entries({ batchSize, buffer, block })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new OptionError(`streamBatches: ${name} ${value} is not a whole number ≥ 1`);
    }
  }
  if (shuffle === undefined) {
    yield* pieces(
      data,
      ranges(data.length, batchSize).map((range) => [range]),
    );
    return;
  }
  const blocks = ranges(data.length, Math.min(block, buffer));
  const order = Array.from(shuffledIndices(blocks.length, seed, epoch), (index) => blocks[index]);
  const perWindow = Math.max(1, Math.floor(buffer / Math.min(block, buffer)));
  const windows = ranges(order.length, perWindow).map(([start, end]) => order.slice(start, end));
  const images = new Float32Array(batchSize * pixels);
  const labels = new Int32Array(batchSize);
  let size = 0;
  let window = 0;
  for await (const piece of pieces(data, windows)) {
    for (const from of shuffledIndices(piece.size, seed, epoch, ++window)) {
      images.set(piece.images.subarray(from * pixels, (from + 1) * pixels), size * pixels);
      labels[size] = piece.labels[from];
      if (++size < batchSize) continue;
      yield { size, images, labels };
      size = 0;
    }
  }
  if (size > 0) yield { size, images: images.subarray(0, size * pixels), labels: labels.subarray(0, size) };
}

type Range = readonly [start: number, end: number];

function ranges(length: number, step: number): readonly Range[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, j) => [j * step, Math.min(length, (j + 1) * step)]);
}

/**
 * Reads groups of ranges, one group ahead. Groups of several ranges go into two buffers in turn: new ones for each would pile up until the
 * garbage collector sees them.
 */
async function* pieces(data: StreamingDataset, groups: readonly (readonly Range[])[]): AsyncGenerator<Batch> {
  const buffers: Batch[] = [];
  const read = (index: number): Promise<Batch> => {
    const group = groups[index];
    if (group.length === 1) return readChecked(data, ...group[0]);
    // The first group is the largest.
    buffers[index % 2] ??= emptyBatch(data, sizeOf(groups[0]));
    return readGroup(data, group, buffers[index % 2]);
  };
  let next: Promise<Batch> | undefined;
  for (const index of groups.keys()) {
    const piece = await (next ?? read(index));
    next = index + 1 < groups.length ? read(index + 1) : undefined;
    // An error is thrown when its piece is due; nobody may ask for it if the walk ends early.
    next?.catch(() => {});
    yield piece;
  }
}

function sizeOf(group: readonly Range[]): number {
  return group.reduce((sum, [start, end]) => sum + end - start, 0);
}

function emptyBatch({ shape }: StreamingDataset, size: number): Batch {
  return { size, images: new Float32Array(size * pixelsPerImage(shape)), labels: new Int32Array(size) };
}

async function readGroup(data: StreamingDataset, group: readonly Range[], into: Batch): Promise<Batch> {
  const pixels = pixelsPerImage(data.shape);
  let size = 0;
  for (const [start, end] of group) {
    const part = await readChecked(data, start, end);
    into.images.set(part.images, size * pixels);
    into.labels.set(part.labels, size);
    size += part.size;
  }
  return { size, images: into.images.subarray(0, size * pixels), labels: into.labels.subarray(0, size) };
}
