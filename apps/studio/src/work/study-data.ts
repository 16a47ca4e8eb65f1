import {
  DataError,
  type DataFile,
  type DataSplit,
  type Dataset,
  type FileOptions,
  loadCsv,
  loadDigits,
  loadIdx,
  loadNpz,
  prongJets,
  readStream,
  splitDataset,
  tracksAndShowers,
} from '@sp/train';
import type { DataChoice, FileData, SplitSettings } from '../project/data-choice.ts';

/** Images in three parts. */
export interface StudyData extends DataSplit {
  /** Decides between epochs; null: none was kept. */
  readonly validation: Dataset | null;
  /** What should be known before training, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Loads the images of a choice and divides them.
 *
 * @param files those of the choice, in its order; none for images that the studio has
 * @throws DataError naming the file, what is wrong and what to do.
 */
export async function studyData({ source, split }: DataChoice, files: readonly DataFile[]): Promise<StudyData> {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(`${text}.`);
  const loaded = await (async (): Promise<DataSplit> => {
    switch (source.kind) {
      case 'digits':
        return loadDigits();
      case 'jets':
        return tested(await readStream(prongJets({ count: source.count, seed: source.seed })), split, 'jets');
      case 'tracks':
        return tested(await readStream(tracksAndShowers({ count: source.count, seed: source.seed })), split, 'tracks');
      default:
        return readFiles(source, files, split, note);
    }
  })();
  const { train, test } = loaded;
  if (split.validation === 0) return { train, test, validation: null, notes };
  const { rest, heldOut } = splitDataset(train, split.validation, split.seed);
  if (heldOut.labels.length === 0) {
    note('No class has two images to train with, so none are kept for validation');
    return { train, test, validation: null, notes };
  }
  return { train: rest, test, validation: heldOut, notes };
}

async function readFiles(
  { kind, files: names, options }: FileData,
  files: readonly DataFile[],
  split: SplitSettings,
  note: (text: string) => void,
): Promise<DataSplit> {
  const [first] = files;
  if (first === undefined) throw new DataError(names.join(', '), 'file', 'not at hand any more; choose it again');
  const { shape: _shape, label: _label, separator: _separator, headerLines: _lines, ...arrays } = options;
  switch (kind) {
    case 'npz':
      return loadNpz(first, { ...arrays, note });
    case 'hdf5': {
      // Large, and needed by few.
      const { loadHdf5 } = await import('@sp/train/hdf5');
      return loadHdf5(first, { ...arrays, note });
    }
    case 'csv':
      return tested(await loadCsv(first, { ...csvOptions(options), note }), split, first.name);
    case 'idx':
      return readIdx(files, split, note);
    default:
      throw new Error(`unknown data ${JSON.stringify(kind satisfies never)}`);
  }
}

function csvOptions({ channels, shape, label, separator, headerLines }: FileOptions) {
  return {
    ...(channels && { channels }),
    ...(shape && { shape }),
    ...(label && { label }),
    ...(separator && { separator }),
    ...(headerLines !== undefined && { headerLines }),
  };
}

async function readIdx(
  files: readonly DataFile[],
  split: SplitSettings,
  note: (text: string) => void,
): Promise<DataSplit> {
  const [images, labels, testImages, testLabels] = files;
  if (labels === undefined) {
    const wanted = 'an IDX file of images needs one of labels beside it; choose both together';
    throw new DataError(images.name, 'labels', wanted);
  }
  const train = await loadIdx(images, labels, { note });
  if (testImages === undefined || testLabels === undefined) return tested(train, split, images.name);
  const { classes, labelIds } = train;
  const known = labelIds === undefined ? { classes } : { labelIds };
  const test = await loadIdx(testImages, testLabels, { ...known, note: () => {} });
  if (test.shape.join() !== train.shape.join()) {
    const shapes = `${test.shape.join(' × ')}, but those of ${images.name} are ${train.shape.join(' × ')}`;
    throw new DataError(testImages.name, 'images', `images of ${shapes}; choose files of one data set`);
  }
  return { train, test };
}

/** Keeps a share for testing. */
function tested(dataset: Dataset, { test, seed }: SplitSettings, source: string): DataSplit {
  const { rest, heldOut } = splitDataset(dataset, test, seed);
  if (heldOut.labels.length === 0) {
    throw new DataError(
      source,
      'labels',
      'no class has two images, one to train and one to test with; give more images',
    );
  }
  return { train: rest, test: heldOut };
}
