import { FileError } from './file-error.ts';

/**
 * The path that a place names: a path as it is, a `file:` URL (text or `URL`; blanks and drives of Windows as `pathToFileURL` writes them) as the
 * path it stands for.
 *
 * @throws FileError for a URL of another kind, or a `file:` URL that names no path here (another host, an escaped slash).
 * @example
 * pathOf('file:///home/me/my%20model') // '/home/me/my model'
 */
export function pathOf(place: string | URL): string {
  const text = typeof place === 'string' ? place : place.href;
  if (typeof place === 'string' && !/^file:/i.test(place)) return place;
  const builtin = globalThis.process?.getBuiltinModule;
  try {
    if (builtin == null) throw new Error('there are no files outside Node');
    return builtin('node:url').fileURLToPath(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(text, `names no file here (${why})`, 'give a path or a file: URL', { cause });
  }
}
