import { isClass, noClass } from './class-index.ts';
import { DataError } from './data-error.ts';

/**
 * Labelled images in memory, row-major: image `j` is `images[j·H·W·C … (j+1)·H·W·C − 1]` in the order row, column, channel.
 */
export interface Dataset {
  readonly images: Float32Array;
  /** Class index of every image, `0 … classes − 1`. */
  readonly labels: Int32Array;
  /** `[height, width, channels]`. */
  readonly shape: ImageShape;
  readonly classes: number;
  /** What the classes are called in the file, where labels have gaps: class `j` is the label `labelIds[j]`. Absent: the labels are the classes. */
  readonly labelIds?: readonly number[];
}

/** `[height, width, channels]` of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** A data set divided for training. `test` is never looked at before the training has ended. */
export interface DataSplit {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Numbers per image. */
export function pixelsPerImage(shape: ImageShape): number {
  return shape[0] * shape[1] * shape[2];
}

/**
 * Returns `dataset` if it can be trained on.
 *
 * @param source how errors call the data, usually the file name.
 * @param fields how errors call its arrays. Default 'images' and 'labels'.
 * @throws DataError for empty data, sizes that do not fit each other, images that are no Float32Array, labels that are no whole numbers in
 * `0 … classes − 1`, NaN or infinite pixels.
 */
export function checkDataset(
  dataset: Dataset,
  source: string,
  fields: { readonly images: string; readonly labels: string } = { images: 'images', labels: 'labels' },
): Dataset {
  const { images, labels, shape, classes } = dataset;
  if (shape.length !== 3 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new DataError(source, 'shape', `[${shape.join(', ')}] is not [height, width, channels] of whole numbers ≥ 1`);
  }
  if (!Number.isInteger(classes) || classes < 2) {
    throw new DataError(source, 'classes', `${classes} classes; a classifier needs at least 2`);
  }
  // From JavaScript; by its name, as arrays of another realm (a frame, a test runner) are no instances of ours.
  const type = Object.prototype.toString.call(images).slice(8, -1);
  if (typeof images === 'object' && images !== null && 'dataSync' in images) {
    throw new DataError(source, fields.images, 'a tensor; use datasetFromArrays, which takes tensors');
  }
  if (type !== 'Float32Array') {
    throw new DataError(source, fields.images, `of type ${type}; give a Float32Array, e.g. Float32Array.from(images)`);
  }
  checkLabelType(labels, source, fields.labels);
  if (labels.length === 0) throw new DataError(source, fields.labels, 'no images; give at least one');
  const pixels = pixelsPerImage(shape);
  if (images.length !== labels.length * pixels) {
    throw new DataError(
      source,
      fields.images,
      `${images.length} numbers, but ${labels.length} labels need ${labels.length} × ${shape.join(' × ')} = ${labels.length * pixels}`,
    );
  }
  for (let j = 0; j < labels.length; j++) {
    if (isClass(labels[j], classes)) continue;
    throw new DataError(source, fields.labels, `label ${labels[j]} of image ${j} ${noClass(labels[j], classes)}`);
  }
  for (let p = 0; p < images.length; p++) {
    if (!Number.isFinite(images[p])) {
      throw new DataError(
        source,
        fields.images,
        `${describePixel(p, shape)} is ${images[p]}; replace it by a finite number`,
      );
    }
  }
  return dataset;
}

/** From JavaScript: labels whose values would be called wrong one by one, though it is their type that is. */
function checkLabelType(labels: unknown, source: string, field: string): void {
  const type = Object.prototype.toString.call(labels).slice(8, -1);
  if (typeof labels === 'object' && labels !== null && 'dataSync' in labels) {
    throw new DataError(source, field, 'a tensor; give an Int32Array, or use datasetFromArrays, which takes tensors');
  }
  if (type === 'BigInt64Array' || type === 'BigUint64Array') {
    throw new DataError(
      source,
      field,
      `of type ${type}; give an Int32Array, e.g. Int32Array.from(labels, Number), or use datasetFromArrays`,
    );
  }
  if (labels === undefined || labels === null || !Number.isInteger((labels as ArrayLike<number>).length)) {
    throw new DataError(source, field, `of type ${type}; give an Int32Array with the class of every image`);
  }
}

/** `image 3, row 2, column 1, channel 0`: where the flat index `position` lies. */
export function describePixel(position: number, [height, width, channels]: ImageShape): string {
  const image = Math.floor(position / (height * width * channels));
  const row = Math.floor(position / (width * channels)) % height;
  const column = Math.floor(position / channels) % width;
  return `image ${image}, row ${row}, column ${column}, channel ${position % channels}`;
}

/** The images at `indices`, in that order, copied. */
export function selectImages(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const pixels = pixelsPerImage(dataset.shape);
  const images = new Float32Array(indices.length * pixels);
  const labels = new Int32Array(indices.length);
  for (let to = 0; to < indices.length; to++) {
    const from = indices[to];
    images.set(dataset.images.subarray(from * pixels, (from + 1) * pixels), to * pixels);
    labels[to] = dataset.labels[from];
  }
  return { ...dataset, images, labels };
}

/** Images `start … end − 1` as a view on the same memory. */
export function sliceImages(dataset: Dataset, start: number, end: number): Dataset {
  const pixels = pixelsPerImage(dataset.shape);
  return {
    ...dataset,
    images: dataset.images.subarray(start * pixels, end * pixels),
    labels: dataset.labels.subarray(start, end),
  };
}
