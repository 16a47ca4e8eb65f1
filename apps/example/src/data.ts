import {
  classCoverage,
  DataError,
  type DataSplit,
  loadCsv,
  loadDigits,
  loadMnistIdx,
  loadNpz,
  noisyTracks,
  readStream,
  sparseMnist,
  splitDataset,
} from '@sp/train';
import { UsageError } from './errors.ts';
import type { DataSource } from './options.ts';

/** Images to work with and what to call them. */
export interface LoadedData extends DataSplit {
  readonly description: string;
  /** What should be known before training, a line each. */
  readonly notes: readonly string[];
}

/**
 * Loads the images that `--data` names, all of them, so that whatever is wrong shows before any work.
 *
 * @throws UsageError naming the option, the file and what is wrong with it.
 */
export async function loadData(source: DataSource): Promise<LoadedData> {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  // A run that is exported again says what the data are, too.
  const { kind: _kind, path: _path, description: _description, ...how } = { path: '', description: '', ...source };
  try {
    switch (source.kind) {
      case 'digits':
        return { ...(await loadDigits()), description: 'UCI digits as sparse 28 × 28 images', notes };
      case 'tracks':
        return {
          train: await readStream(noisyTracks({ count: 4000, seed: 1 })),
          test: await readStream(noisyTracks({ count: 1000, seed: 2 })),
          description: 'drawn tracks, showers and decays in noise, 64 × 64 pixels of charge and time',
          notes,
        };
      case 'mnist-idx': {
        const { train, test } = await loadMnistIdx(source.path, { note });
        return {
          train: sparseMnist(train),
          test: sparseMnist(test),
          description: `MNIST of ${source.path} as sparse 48 × 48 images`,
          notes,
        };
      }
      case 'npz':
        return described(await loadNpz(source.path, { ...how, note }), source.path, notes);
      case 'hdf5': {
        // Needs a package of its own, which the others do without.
        const { loadHdf5 } = await import('@sp/train/hdf5');
        return described(await loadHdf5(source.path, { ...how, note }), source.path, notes);
      }
      case 'csv': {
        const { rest, heldOut } = splitDataset(await loadCsv(source.path, { ...how, note }), 1 / 5, 0);
        if (heldOut.labels.length === 0) {
          throw new DataError(source.path, 'labels', 'no class has two images, one to train and one to test with');
        }
        for (const line of classCoverage(rest, heldOut)) note(`${source.path}: ${line}`);
        return described({ train: rest, test: heldOut }, source.path, notes);
      }
      default:
        throw new Error(`unknown data ${JSON.stringify(source satisfies never)}`);
    }
  } catch (cause) {
    if (cause instanceof DataError) throw new UsageError(`--data ${source.kind}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Images of a file of the user: checked for what the network needs, with the labels that the classes stand for. */
function described(split: DataSplit, path: string, notes: readonly string[]): LoadedData {
  const [height, width] = split.train.shape;
  if (height < 4 || width < 4) {
    throw new DataError(path, 'images', `${height} × ${width} pixels; two 2 × 2 poolings need at least 4 × 4`);
  }
  const { labelIds } = split.train;
  const classes = labelIds === undefined ? '' : `; the classes 0, 1, … are the labels ${labelIds.join(', ')}`;
  return { ...split, description: `images of ${path}${classes}`, notes };
}
