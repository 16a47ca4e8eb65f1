/** Which images a project works on, as plain data. */
import type { FileOptions } from '@sp/train';

/** Images that are made or come with the studio. */
export type BuiltInData =
  | { readonly kind: 'digits' }
  | { readonly kind: 'jets' | 'tracks'; readonly count: number; readonly seed: number };

/** Files of the user. `files`: of IDX images and labels, then those of the test part if there is one. */
export interface FileData {
  readonly kind: 'npz' | 'hdf5' | 'csv' | 'idx';
  readonly files: readonly string[];
  readonly options: FileOptions;
}

/** How the images are divided. */
export interface SplitSettings {
  /** Share of the images kept for testing, where the file does not say which. */
  readonly test: number;
  /** Share of the rest that decides between epochs; 0: none. */
  readonly validation: number;
  readonly seed: number;
}

/** Images and how they are divided. */
export interface DataChoice {
  readonly source: BuiltInData | FileData;
  readonly split: SplitSettings;
}

/** How images are divided unless said otherwise. */
export const splitDefaults: SplitSettings = { test: 0.2, validation: 0.15, seed: 0 };

/** Whether the user decides which share is kept for testing. */
export function choosesTest({ kind }: BuiltInData | FileData): boolean {
  return kind === 'csv' || kind === 'jets' || kind === 'tracks' || kind === 'idx';
}

/** Images in a few words. */
export function describeSource(source: BuiltInData | FileData): string {
  switch (source.kind) {
    case 'digits':
      return 'UCI digits as sparse 28 × 28 images';
    case 'jets':
      return `${source.count} synthetic jets, 56 × 56`;
    case 'tracks':
      return `${source.count} synthetic tracks and showers, 63 × 63`;
    default:
      return `images of ${source.files.join(', ')}`;
  }
}
