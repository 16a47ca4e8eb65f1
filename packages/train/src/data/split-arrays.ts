import { classCoverage } from './class-coverage.ts';
import { type ClassLabels, classLabels, describeLabelIds, distinctLabels } from './class-labels.ts';
import { DataError } from './data-error.ts';
import { type DataSplit, type Dataset, selectImages } from './dataset.ts';
import { datasetOfClasses } from './dataset-from-arrays.ts';
import { type DatasetOptions, namedClasses, tell } from './dataset-options.ts';
import { shuffledIndices } from './random.ts';
import { splitDataset } from './split-dataset.ts';
import type { NumberArray } from './typed-array.ts';

type NamedArrays = ReadonlyMap<string, NumberArray>;

const parts = ['x_train', 'y_train', 'x_test', 'y_test'] as const;
const plain = ['x', 'y'] as const;

/** Share of the images that become the test part when the file does not say. */
const testShare = 1 / 5;

/**
 * Which of a file's arrays hold the data: `x` and `y`, or those of two parts.
 *
 * @throws DataError naming what is missing, or that it is not clear.
 */
export function partNames(names: readonly string[], path: string, field: (name: string) => string): readonly string[] {
  const split = parts.find((name) => names.includes(name));
  const single = plain.find((name) => names.includes(name));
  if (split !== undefined && single !== undefined) {
    throw new DataError(
      path,
      field(single),
      `the file holds '${split}' too, so it is not clear what to train with; save x and y, or x_train, y_train, x_test and y_test`,
    );
  }
  const wanted = single === undefined ? parts : plain;
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return wanted;
  throw new DataError(
    path,
    field(missing),
    `missing (the file holds ${names.map((name) => `'${name}'`).join(', ') || 'nothing'}); save x_train, y_train, x_test and y_test, or x and y, or name them: images and labels`,
  );
}

/**
 * The names that options give to images and labels, for one set `x`, `y`.
 *
 * @throws DataError if only one of them is named.
 */
export function givenNames(
  { images, labels }: { readonly images?: string; readonly labels?: string },
  path: string,
): { readonly x: string; readonly y: string } | undefined {
  if ((images === undefined) !== (labels === undefined)) {
    const [given, other] = images === undefined ? ['labels', 'images'] : ['images', 'labels'];
    throw new DataError(path, other, `missing, as ${given} is given; name both or none`);
  }
  return images !== undefined && labels !== undefined ? { x: images, y: labels } : undefined;
}

/** Makes the two parts of a data set of the arrays that `partNames` has found. @throws DataError */
export function splitArrays(
  arrays: NamedArrays,
  path: string,
  options: DatasetOptions & { readonly seed?: number },
  field: (name: string) => string,
): DataSplit {
  const pair = (x: string, y: string) => ({
    images: arrays.get(x) as NumberArray,
    labels: arrays.get(y) as NumberArray,
    imagesField: field(x),
    labelsField: field(y),
  });
  let split: DataSplit;
  if (arrays.has('x')) {
    split = divide(datasetOfClasses(pair('x', 'y'), path, options, undefined), options.seed ?? 0);
  } else {
    const train = pair('x_train', 'y_train');
    const test = pair('x_test', 'y_test');
    const known = namedClasses(options, path) ?? commonClasses(train, test, path);
    if (known.labelIds !== undefined && options.labelIds === undefined)
      tell(options, path, describeLabelIds(known.labelIds));
    split = {
      train: datasetOfClasses(train, path, options, known),
      test: datasetOfClasses(test, path, { ...options, note: () => {} }, known),
    };
    if (split.test.shape.join() !== split.train.shape.join()) {
      throw new DataError(
        path,
        field('x_test'),
        `images of ${split.test.shape.join(' × ')}, but those of 'x_train' are ${split.train.shape.join(' × ')}`,
      );
    }
  }
  for (const line of classCoverage(split.train, split.test)) tell(options, path, line);
  return split;
}

function divide(dataset: Dataset, seed: number): DataSplit {
  const { rest, heldOut } = splitDataset(dataset, testShare, seed);
  if (heldOut.labels.length > 0 || dataset.labels.length < 2) return { train: rest, test: heldOut };
  // No class has two images: some are tested that are not trained with, which is told.
  const [first, ...others] = shuffledIndices(dataset.labels.length, seed);
  return { train: selectImages(dataset, others), test: selectImages(dataset, [first]) };
}

interface LabelledPart {
  readonly labels: NumberArray;
  readonly labelsField: string;
}

/** The classes of both parts together. A one-hot part names their number. */
function commonClasses(train: LabelledPart, test: LabelledPart, path: string): ClassLabels {
  const widths = [train, test].flatMap(({ labels: { shape } }) =>
    shape.length === 2 && shape[1] > 1 ? [shape[1]] : [],
  );
  if (widths.length > 0) return { classes: widths[0] };
  const found = [train, test].flatMap(({ labels, labelsField }) => [...distinctLabels(labels.data, path, labelsField)]);
  return classLabels(new Set(found), path, test.labelsField);
}
