import { type ByteRange, type ByteReading, FormatError, type ZipEntry } from '@sp/layers/formats';
import type { OpenFile } from '../stream/file-array.ts';
import { DataError } from './data-error.ts';

/** Name of an array as NumPy calls it: without the ending of its file. */
export function arrayName(entry: string): string {
  return entry.replace(/\.npy$/, '');
}

/** The entry that holds an array. */
export function arrayEntry(entries: ReadonlyMap<string, ZipEntry>, name: string): ZipEntry | undefined {
  return entries.get(`${name}.npy`) ?? entries.get(name);
}

/** What is wrong with a zip file, as an error about the array concerned. */
export function zipError(cause: unknown, source: string): unknown {
  if (!(cause instanceof FormatError)) return cause;
  const array = /^'(.*)'$/s.exec(cause.part)?.[1];
  if (array !== undefined) return new DataError(source, `array '${arrayName(array)}'`, cause.problem, { cause });
  const remedy = cause.part === 'magic number' ? '; give an .npz file made by numpy.savez' : '';
  return new DataError(source, cause.part, `${cause.problem}${remedy}`, { cause });
}

/** Runs a reading on an open file. @throws DataError */
export async function readFromFile<Result>(file: OpenFile, reading: ByteReading<Result>): Promise<Result> {
  try {
    let step: IteratorResult<ByteRange, Result> = reading.next();
    while (!step.done) step = reading.next(await file.read(step.value.position, step.value.length, 'zip data'));
    return step.value;
  } catch (cause) {
    throw zipError(cause, file.path);
  }
}
