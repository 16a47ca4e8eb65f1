import { FileError, pathOf } from '@sp/quant/files';
import { DataError } from './data-error.ts';

/** A file that is at hand, such as the `File` that a page gets when one is dropped or chosen. */
export interface DataFile {
  /** Names it in errors; `.gz` at the end says that it is packed. */
  readonly name: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Where data are: a path or `file:` URL (Node), or a file at hand. */
export type DataPlace = string | URL | DataFile;

/** Whether a place is a file at hand. */
export function isDataFile(place: DataPlace): place is DataFile {
  return typeof (place as DataFile | null | undefined)?.arrayBuffer === 'function';
}

/** The path that a place names, see `pathOf`, or the name of the file at hand. @throws DataError for a URL that names no file here. */
export function dataPath(place: DataPlace): string {
  if (isDataFile(place)) return place.name;
  try {
    return pathOf(place);
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new DataError(cause.file, 'path', `${cause.problem}; ${cause.remedy}`, { cause });
  }
}
