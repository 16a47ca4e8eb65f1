import { FileError, pathOf } from '@sp/quant/files';
import { DataError } from './data-error.ts';

/** The path that a place names, see `pathOf`. @throws DataError for a URL that names no file here. */
export function dataPath(place: string | URL): string {
  try {
    return pathOf(place);
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new DataError(cause.file, 'path', `${cause.problem}; ${cause.remedy}`, { cause });
  }
}
