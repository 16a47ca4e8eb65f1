import { didYouMean } from '@sp/quant/suggest';
import type { Value } from '@sp/train/internal';
import { SearchError } from '../errors.ts';

/** Images of a search: the digits that come with `@sp/train`, or a file of the user. */
export type SearchData =
  | 'digits'
  | { readonly npz: string }
  /** Folder with the four files of MNIST. */
  | { readonly mnist: string };

/** What a search over networks keeps fixed; plain data. */
export interface NetworkSettings {
  /** Default `'digits'`. Paths are seen from where the program was started. */
  readonly data?: SearchData;
  /** Epochs of a whole trial; with a pruner its `maxEpochs`. Default that, else 30. */
  readonly epochs?: number;
  /** Share of the training images that is held out and decides; the test images are never looked at. Default 0.2. */
  readonly heldOut?: number;
  /** Decides which images are held out. Default 1. */
  readonly splitSeed?: number;
  /** Values of parameters that are not searched; `sp-search parameters` lists them. */
  readonly fixed?: Readonly<Record<string, Value>>;
  /** Whether hardware of `@sp/rtl` is planned and estimated too: `rtlLatency`, `rtlLut`, `rtlFf`, `rtlDsp`. Default false. */
  readonly rtl?: boolean;
  /**
   * A class against all others at a rate of false positives: `efficiency` is the share of its images that are found. Default: not measured.
   */
  readonly workingPoint?: { readonly class: number; readonly falsePositiveRate: number };
}

const NAMES: readonly (keyof NetworkSettings)[] = [
  'data',
  'epochs',
  'heldOut',
  'splitSeed',
  'fixed',
  'rtl',
  'workingPoint',
];

/** @throws SearchError for settings that make no sense */
export function checkNetworkSettings(settings: NetworkSettings): void {
  for (const name of Object.keys(settings)) {
    if (NAMES.includes(name as keyof NetworkSettings)) continue;
    throw new SearchError(
      `problem.settings: unknown setting '${name}'${didYouMean(name, NAMES)} (known: ${NAMES.join(', ')})`,
    );
  }
  const { data = 'digits', epochs = 1, heldOut = 0.2, splitSeed = 1, workingPoint } = settings;
  const file = Object(data) as { readonly npz?: unknown; readonly mnist?: unknown };
  if (data !== 'digits' && typeof (file.npz ?? file.mnist) !== 'string') {
    throw new SearchError(
      `problem.settings: data ${JSON.stringify(data)}; give 'digits', { "npz": "file.npz" } or { "mnist": "folder" }`,
    );
  }
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new SearchError(`problem.settings: epochs ${epochs} is not a whole number ≥ 1`);
  }
  if (!(heldOut > 0 && heldOut < 1)) {
    throw new SearchError(`problem.settings: heldOut ${heldOut} is not a share between 0 and 1`);
  }
  if (!Number.isInteger(splitSeed)) {
    throw new SearchError(`problem.settings: splitSeed ${splitSeed} is not a whole number`);
  }
  if (workingPoint === undefined) return;
  const { class: of, falsePositiveRate: rate } = workingPoint;
  if (!Number.isInteger(of) || of < 0 || !(rate > 0 && rate < 1)) {
    throw new SearchError(
      `problem.settings: workingPoint ${JSON.stringify(workingPoint)}; give { "class": 0, "falsePositiveRate": 0.01 }`,
    );
  }
}
