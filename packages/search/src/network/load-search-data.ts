import { type DataSplit, type Dataset, loadDigits, loadMnistIdx, loadNpz, sparseMnist, splitDataset } from '@sp/train';
import { SearchError } from '../errors.ts';
import type { NetworkSettings } from './network-settings.ts';

/** Images of a search: to train with, to choose by, and to test the chosen ones with. */
export interface LoadedSearchData {
  readonly train: Dataset;
  readonly heldOut: Dataset;
  readonly test: Dataset;
}

/** Loads the images that settings name, and holds a part of those for training out. */
export async function loadSearchData(settings: NetworkSettings): Promise<LoadedSearchData> {
  const { heldOut: share = 0.2, splitSeed = 1 } = settings;
  const { train, test } = await loaded(settings);
  const { rest, heldOut } = splitDataset(train, share, splitSeed);
  if (heldOut.labels.length === 0) {
    throw new SearchError(
      `problem.settings: heldOut ${share} of ${train.labels.length} images are none; hold out more`,
    );
  }
  return { train: rest, heldOut, test };
}

async function loaded({ data = 'digits' }: NetworkSettings): Promise<DataSplit> {
  if (data === 'digits') return loadDigits();
  if ('npz' in data) return loadNpz(data.npz);
  const { train, test } = await loadMnistIdx(data.mnist);
  return { train: sparseMnist(train), test: sparseMnist(test) };
}
