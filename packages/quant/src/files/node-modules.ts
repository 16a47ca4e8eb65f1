import { FileError } from './file-error.ts';

/** The modules of Node that files need. */
export interface NodeModules {
  readonly fs: typeof import('node:fs/promises');
  readonly path: typeof import('node:path');
  readonly os: typeof import('node:os');
  readonly crypto: typeof import('node:crypto');
}

/**
 * Node's own modules, looked up at run time so that bundlers for the browser see no import of them.
 *
 * @throws FileError outside Node
 */
export function nodeModules(): NodeModules {
  const builtin = globalThis.process?.getBuiltinModule;
  if (builtin == null) {
    throw new FileError(
      'files',
      'can be read and written by path in Node only',
      "in a browser use 'indexeddb://name', 'localstorage://name' or 'downloads://name'",
    );
  }
  return {
    fs: builtin('node:fs/promises'),
    path: builtin('node:path'),
    os: builtin('node:os'),
    crypto: builtin('node:crypto'),
  };
}
