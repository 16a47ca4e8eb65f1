import { DataError } from './data-error.ts';
import { checkDataset, type Dataset } from './dataset.ts';
import type { NumberArray } from './typed-array.ts';

/** Arrays of one part of the data, with the names errors call them by. */
export interface ImagesAndLabels {
  readonly images: NumberArray;
  readonly labels: NumberArray;
  readonly imagesField: string;
  readonly labelsField: string;
}

/**
 * Makes a data set of two arrays: images `[count, height, width]` or `[count, height, width, channels]`, labels `[count]` (whole numbers)
 * or `[count, classes]` (one-hot). 8-bit unsigned pixels are divided by 256 (exact on a binary grid); all other types are taken as they are,
 * booleans as 0 and 1.
 *
 * @param classes number of classes; by default the largest label + 1, or the width of a one-hot label.
 * @throws DataError naming the array with a wrong shape or value.
 */
export function datasetFromArrays(arrays: ImagesAndLabels, source: string, classes?: number): Dataset {
  const { images, labels, imagesField, labelsField } = arrays;
  const [count, height, width, channels = 1] = images.shape;
  if (images.shape.length !== 3 && images.shape.length !== 4) {
    throw new DataError(
      source,
      imagesField,
      `shape [${images.shape.join(', ')}], expected [count, height, width] or [count, height, width, channels]`,
    );
  }
  if (labels.shape.length < 1 || labels.shape.length > 2 || labels.shape[0] !== count) {
    throw new DataError(
      source,
      labelsField,
      `shape [${labels.shape.join(', ')}], expected [${count}] or [${count}, classes] to go with the ${count} images`,
    );
  }
  const classIndices =
    labels.shape.length === 2 && labels.shape[1] > 1
      ? fromOneHot(labels, source, labelsField)
      : wholeNumbers(labels, source, labelsField);
  const found =
    labels.shape.length === 2 && labels.shape[1] > 1
      ? labels.shape[1]
      : classIndices.reduce((a, b) => Math.max(a, b), 1) + 1;
  return checkDataset(
    {
      images: pixelsOf(images.data),
      labels: classIndices,
      shape: [height, width, channels],
      classes: classes ?? found,
    },
    source,
    { images: imagesField, labels: labelsField },
  );
}

/** Largest label that an `Int32Array` holds; larger ones would become other classes without a word. */
const largestLabel = 2 ** 31 - 1;

/** Floats are taken as they are, without a copy. */
function pixelsOf(data: NumberArray['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  const scale = data instanceof Uint8Array ? 1 / 256 : 1;
  const pixels = new Float32Array(data.length);
  for (let p = 0; p < pixels.length; p++) pixels[p] = Number(data[p]) * scale;
  return pixels;
}

function wholeNumbers(labels: NumberArray, source: string, field: string): Int32Array {
  return Int32Array.from(labels.data as ArrayLike<number>, (raw, j) => {
    const value = Number(raw);
    if (!Number.isInteger(value) || value < 0)
      throw new DataError(source, field, `label ${raw} of image ${j} is not a whole number ≥ 0`);
    if (value > largestLabel) {
      throw new DataError(
        source,
        field,
        `label ${raw} of image ${j} is above ${largestLabel}; number the classes 0, 1, 2, …`,
      );
    }
    return value;
  });
}

function fromOneHot(labels: NumberArray, source: string, field: string): Int32Array {
  const [count, classes] = labels.shape;
  return Int32Array.from({ length: count }, (_, j) => {
    const row = Array.from(labels.data.subarray(j * classes, (j + 1) * classes) as ArrayLike<number>, Number);
    const hot = row.indexOf(1);
    if (hot < 0 || row.some((value, c) => value !== (c === hot ? 1 : 0))) {
      throw new DataError(source, field, `row ${j} is not one-hot (one 1, the rest 0)`);
    }
    return hot;
  });
}
