import type { FileData } from './data-choice.ts';

/** Files that were dropped or chosen together, by what they hold; a sentence if nothing can be made of them. */
export function fileData(names: readonly string[]): Pick<FileData, 'kind' | 'files'> | string {
  const kinds = new Set(names.map(kindOf));
  if (names.length === 0) return 'No file was chosen; choose one or drop it here.';
  const [kind] = kinds;
  const unknown = names.find((name) => kindOf(name) === undefined);
  if (unknown !== undefined) {
    return `${unknown}: of no kind that can be read here; give an .npz, .h5, .csv (.gz) or a pair of IDX files.`;
  }
  if (kinds.size > 1) return `${names.join(', ')}: of different kinds; choose the files of one data set.`;
  if (kind === 'idx') return idxFiles(names);
  if (names.length > 1) return `${names.length} files; choose one ${kind} file that holds images and labels.`;
  return { kind: kind as FileData['kind'], files: names };
}

function kindOf(name: string): FileData['kind'] | undefined {
  const plain = name.toLowerCase();
  if (plain.endsWith('.npz')) return 'npz';
  if (/\.(h5|hdf5|hdf|he5|mat)$/.test(plain)) return 'hdf5';
  if (/\.(csv|tsv|txt|dat)(\.gz)?$/.test(plain)) return 'csv';
  if (/(idx\d?[-.]|[-.]ubyte|\.idx)/.test(plain) || /idx\d?(\.gz)?$/.test(plain)) return 'idx';
  return undefined;
}

/** Images and labels of training, then those of testing, if there are some. */
function idxFiles(names: readonly string[]): Pick<FileData, 'kind' | 'files'> | string {
  const isLabels = (name: string): boolean => /label|idx1/i.test(name);
  const isTest = (name: string): boolean => /t10k|test/i.test(name);
  const pick = (test: boolean, labels: boolean): readonly string[] =>
    names.filter((name) => isTest(name) === test && isLabels(name) === labels);
  const [train, test] = [false, true].map((part) => [...pick(part, false), ...pick(part, true)]);
  const isPair = (files: readonly string[], part: boolean): boolean =>
    files.length === 2 && pick(part, false).length === 1;
  if (isPair(train, false) && (test.length === 0 || isPair(test, true)))
    return { kind: 'idx', files: [...train, ...test] };
  if (train.length === 0 && isPair(test, true)) return { kind: 'idx', files: test };
  return `${names.join(', ')}: IDX data are two files, images and labels (idx3 and idx1 in their names), or four with those of the test part; choose them together.`;
}
