import { DataError } from './data-error.ts';
import type { DataFile } from './data-path.ts';
import type { DataSplit, Dataset } from './dataset.ts';
import { selectImages } from './dataset.ts';
import { loadCsv } from './load-csv.ts';

const cells = 8;
const side = 28;
/** Distance between neighbouring cells on the large grid. */
const spread = 3;
const levels = 16;
/** Intensities up to here count as background. */
const background = 0.4;

/**
 * UCI digits (8 × 8 pixels, 0–16) as sparse 28 × 28 images: intensity / 16, values ≤ 0.4 set to 0, cell `i` of a row or column placed at
 * `round((i − 3.5) · 3 + 13.5)`, every other pixel 0. All values are multiples of 1/16.
 *
 * @param digits images of shape `[8, 8, 1]` with values 0–16.
 */
export function sparseDigits(digits: Dataset): Dataset {
  const count = digits.labels.length;
  const images = new Float32Array(count * side * side);
  for (let j = 0; j < count; j++) {
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        const value = digits.images[(j * cells + row) * cells + column] / levels;
        if (value > background) images[(j * side + place(row)) * side + place(column)] = value;
      }
    }
  }
  return { ...digits, images, shape: [side, side, 1] };
}

function place(cell: number): number {
  return Math.round((cell - (cells - 1) / 2) * spread + (side - 1) / 2);
}

/**
 * The committed UCI digits (see `assets/ATTRIBUTION.md`) as sparse images of 28 × 28: 1,437 images to train with and 360 to test
 * with (those whose index is divisible by 5).
 */
export async function loadDigits(): Promise<DataSplit> {
  const place = new URL('../../assets/digits.csv.gz', import.meta.url);
  const csv = await loadCsv(place.protocol === 'file:' ? place : await fetched(place), {
    shape: [cells, cells, 1],
    classes: 10,
  });
  return everyFifthTests(sparseDigits(csv));
}

/** An asset of a page. Servers that declare a packed file's packing have it unpacked on the way. */
async function fetched(place: URL): Promise<DataFile> {
  const response = await fetch(place).catch((cause: unknown) => {
    throw new DataError(place.href, 'file', 'cannot be fetched; serve the assets beside the scripts', { cause });
  });
  if (!response.ok) {
    throw new DataError(
      place.href,
      'file',
      `answered with status ${response.status}; serve the assets beside the scripts`,
    );
  }
  const content = await response.arrayBuffer();
  const isPacked = new Uint8Array(content)[0] === 0x1f;
  return { name: isPacked ? 'digits.csv.gz' : 'digits.csv', arrayBuffer: async () => content };
}

/** Images whose index is divisible by 5 become the test part. */
export function everyFifthTests(dataset: Dataset): DataSplit {
  const indices = Array.from(dataset.labels, (_, j) => j);
  return {
    train: selectImages(
      dataset,
      indices.filter((j) => j % 5 !== 0),
    ),
    test: selectImages(
      dataset,
      indices.filter((j) => j % 5 === 0),
    ),
  };
}
