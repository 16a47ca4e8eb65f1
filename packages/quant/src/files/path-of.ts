import { FileError } from './file-error.ts';

/**
 * The path that a place names: a path as it is, a `file:` URL (text or `URL`; blanks and drives of Windows as `pathToFileURL` writes them) as the
 * path it stands for.
 *
 * @throws FileError for a URL of another kind, a `file:` URL that names no path here (another host, an escaped slash), an empty text, and for what is
 * neither text nor `URL`.
 * @example
 * pathOf('file:///home/me/my%20model') // '/home/me/my model'
 */
export function pathOf(place: string | URL): string {
  const text: unknown = typeof place === 'string' ? place : (place as URL | undefined | null)?.href;
  if (typeof text !== 'string' || text === '') {
    throw new FileError(String(place), 'names no file or folder', 'give a path or a file: URL');
  }
  // Two letters at least: one is a drive of Windows.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1].toLowerCase();
  if (scheme !== undefined && scheme !== 'file') {
    throw new FileError(
      text,
      'names no file here (a URL of another kind)',
      'fetch it first, and give a path or a file: URL',
    );
  }
  if (typeof place === 'string' && !/^file:/i.test(place)) return place;
  const builtin = globalThis.process?.getBuiltinModule;
  try {
    if (builtin == null) {
      throw new FileError(text, 'names no file here (there are none outside Node)', 'fetch it, and give its content');
    }
    return builtin('node:url').fileURLToPath(text);
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(text, `names no file here (${why})`, 'give a path or a file: URL', { cause });
  }
}
