import { type ClassLabels, classesOf, classLabels, describeLabelIds, distinctLabels } from './class-labels.ts';
import { DataError } from './data-error.ts';
import { checkDataset, type Dataset } from './dataset.ts';
import {
  channelsHint,
  channelsLast,
  checkDatasetOptions,
  type DatasetOptions,
  imageAxes,
  namedClasses,
  tell,
} from './dataset-options.ts';
import type { NumberArray } from './typed-array.ts';

/** A tensor of TensorFlow.js, as far as its numbers are concerned. */
export interface TensorLike {
  readonly shape: readonly number[];
  dataSync(): NumberArray['data'] | Uint8ClampedArray;
}

/** Labels without a shape: one per image. */
export type PlainLabels = NumberArray['data'] | readonly number[] | readonly bigint[];

/** Arrays of one part of the data, with the names errors call them by. */
export interface ImagesAndLabels {
  readonly images: NumberArray | TensorLike;
  readonly labels: NumberArray | TensorLike | PlainLabels;
  /** Default 'images'. */
  readonly imagesField?: string;
  /** Default 'labels'. */
  readonly labelsField?: string;
}

/**
 * Makes a data set of two arrays or tensors: images `[count, height, width]` or `[count, height, width, channels]` (channels first with the
 * option), labels `[count]` (whole numbers, also BigInt) or `[count, classes]` (one-hot). 8-bit unsigned pixels are divided by 256 (exact on a binary
 * grid); all other types are taken as they are, booleans as 0 and 1.
 *
 * @param source how errors and notes call the data. Default 'data'.
 * @throws DataError naming the array with a wrong shape or value, or the option that makes no sense.
 * @example
 * const train = datasetFromArrays({ images: tf.tensor4d(…), labels: BigInt64Array.of(0n, 1n) });
 */
export function datasetFromArrays(arrays: ImagesAndLabels, source = 'data', options: DatasetOptions = {}): Dataset {
  checkDatasetOptions(options, [], 'datasetFromArrays');
  return datasetOfClasses(arrays, source, options, undefined);
}

/** As `datasetFromArrays`, with the classes of another part of the same data. */
export function datasetOfClasses(
  arrays: ImagesAndLabels,
  source: string,
  options: DatasetOptions,
  known: ClassLabels | undefined,
): Dataset {
  const { imagesField = 'images', labelsField = 'labels' } = arrays;
  const images = numberArray(arrays.images, source, imagesField);
  const labels = numberArray(arrays.labels, source, labelsField);
  const { shape, channelsFirst } = imageAxes(images.shape, options.channels, source, imagesField);
  const [count] = images.shape;
  if (labels.shape.length < 1 || labels.shape.length > 2 || labels.shape[0] !== count) {
    throw new DataError(
      source,
      labelsField,
      `shape [${labels.shape.join(', ')}], expected [${count}] or [${count}, classes] to go with the ${count} images`,
    );
  }
  const oneHot = labels.shape.length === 2 && labels.shape[1] > 1;
  const found =
    known ??
    namedClasses(options, source) ??
    (oneHot
      ? { classes: labels.shape[1] }
      : classLabels(distinctLabels(labels.data, source, labelsField), source, labelsField));
  const indices = oneHot ? fromOneHot(labels, source, labelsField) : labels.data;
  const pixels = pixelsOf(images.data);
  const dataset = checkDataset(
    {
      images: channelsFirst ? channelsLast(pixels, count, shape) : pixels,
      labels: classesOf(indices, oneHot ? { classes: found.classes } : found, source, labelsField),
      shape,
      ...found,
    },
    source,
    { images: imagesField, labels: labelsField },
  );
  tell(options, source, channelsHint(images.shape, options.channels));
  if (known === undefined && options.labelIds === undefined && found.labelIds !== undefined) {
    tell(options, source, describeLabelIds(found.labelIds));
  }
  return dataset;
}

function numberArray(given: NumberArray | TensorLike | PlainLabels, source: string, field: string): NumberArray {
  if (typeof given !== 'object' || given === null) {
    throw new DataError(
      source,
      field,
      `${given === null ? 'null' : `of type ${typeof given}`}; give an array or a tensor`,
    );
  }
  if ('dataSync' in given || 'shape' in given) {
    const data: unknown = 'dataSync' in given ? given.dataSync() : given.data;
    if (!ArrayBuffer.isView(data)) {
      throw new DataError(source, field, 'its data are no typed array; give e.g. { shape, data: Float32Array.of(…) }');
    }
    // Those of a canvas.
    return {
      shape: given.shape,
      data: data instanceof Uint8ClampedArray ? Uint8Array.from(data) : (data as NumberArray['data']),
    };
  }
  if (ArrayBuffer.isView(given)) return { shape: [given.length], data: given };
  const numbers = Array.from(given as readonly (number | bigint)[]);
  const other = numbers.findIndex((value) => !['number', 'bigint', 'boolean'].includes(typeof value));
  if (other >= 0) {
    const shown = Array.isArray(numbers[other]) ? 'a list' : (JSON.stringify(numbers[other]) ?? String(numbers[other]));
    throw new DataError(
      source,
      field,
      `entry ${other} is ${shown}, no number; give numbers, with { shape, data } where they have axes`,
    );
  }
  const large = numbers.findIndex((value) => typeof value === 'bigint' && BigInt.asIntN(64, value) !== value);
  if (large >= 0) throw new DataError(source, field, `entry ${large}, ${numbers[large]}, does not fit into 64 bits`);
  return {
    shape: [numbers.length],
    data: numbers.every((value) => typeof value === 'bigint')
      ? BigInt64Array.from(numbers as bigint[])
      : Float64Array.from(numbers, Number),
  };
}

/** Floats are taken as they are, without a copy. */
function pixelsOf(data: NumberArray['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  const scale = data instanceof Uint8Array ? 1 / 256 : 1;
  const pixels = new Float32Array(data.length);
  for (let p = 0; p < pixels.length; p++) pixels[p] = Number(data[p]) * scale;
  return pixels;
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
