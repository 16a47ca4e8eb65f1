import type { LoadOptions } from './load-npz.ts';
import type { CsvOptions } from './parse-csv.ts';

/** What a file of images does not tell by itself, as plain data: arrays for `loadNpz` and `loadHdf5`, lines for `loadCsv`. */
export type FileOptions = Pick<LoadOptions, 'channels' | 'images' | 'labels'> &
  Pick<CsvOptions, 'shape' | 'label' | 'separator' | 'headerLines'>;
