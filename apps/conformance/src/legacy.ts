import { type Checkers, checkFolder, type FolderReport, folderTable } from './check-folder.ts';

const CHECKERS: Checkers = {
  'qkeras_quantizers.json': async () => (await import('./legacy/qkeras-quantizers.ts')).checkQKerasQuantizers,
  'qkeras_models.json': async () => (await import('./legacy/qkeras-models.ts')).checkQKerasModels,
  'hgq1_models.json': async () => (await import('./legacy/hgq1-models.ts')).checkHgq1Models,
  'hgq1_bits.json': async () => (await import('./legacy/hgq1-bits.ts')).checkHgq1Bits,
};

/**
 * Compares QKeras' and HGQ v1's recorded numbers and files with what `@sp/layers/qkeras` and `@sp/layers/hgq1` make of
 * them. A file that is missing, of an unknown name (`qkeras_*.json`, `hgq1_*.json`) or empty fails; files of other kinds
 * are left alone.
 *
 * @throws BadFileError when the folder has none of the files, or one is not of its format
 */
export async function legacy(folder: string): Promise<FolderReport> {
  return checkFolder('legacy', folder, CHECKERS, /^(qkeras|hgq1)_.*\.json$/);
}

/** The report as a short table for a terminal. */
export const legacyTable: (report: FolderReport) => string = folderTable;
