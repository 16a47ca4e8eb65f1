import { FileError, type NodeModules as FileModules, nodeModules as fileModules } from '@sp/quant/files';
import { FirmwareError } from './errors.ts';

/** The modules of Node that writing, compiling and running firmware need. */
export interface NodeModules extends FileModules {
  readonly childProcess: typeof import('node:child_process');
}

/**
 * Node's own modules, looked up when they are needed, so that a page can import this package: planning, emitting and estimating need none.
 *
 * @throws FirmwareError outside Node
 */
export function nodeModules(): NodeModules {
  try {
    return { ...fileModules(), childProcess: process.getBuiltinModule('node:child_process') };
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new FirmwareError(
      'firmware can be written, compiled and run in Node only; in a browser, emit(plan) gives its files as texts',
      { cause },
    );
  }
}
