import { FileError } from './file-error.ts';
import { nodeModules } from './node-modules.ts';

/** What file systems answer, in words: the problem and the remedy. */
const ANSWERS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOSPC: ['the disk is full', 'free space there, or name a place on another disk'],
  EDQUOT: ['your quota is used up', 'remove files of yours there, or name a place on another disk'],
  EROFS: ['the file system is read-only', 'name a place on another one'],
  EACCES: ['you may not', 'ask for the right to it, or name another place'],
  EPERM: ['the system does not allow it', 'ask for the right to it, or name another place'],
  ENOENT: ['it does not exist', 'name another path'],
  ENOTDIR: ['a part of its path is no folder', 'name another path'],
  EISDIR: ['it is a folder', 'name a file'],
  EEXIST: ['something else is there', 'remove that or name another path'],
  ENAMETOOLONG: ['its name is too long for the file system', 'give a shorter one'],
  EMFILE: ['too many files are open', 'close some or raise the limit (ulimit -n)'],
  ENFILE: ['too many files are open on this machine', 'close some'],
  EFBIG: ['the file is larger than allowed here', 'raise the limit (ulimit -f) or name a place on another disk'],
  EIO: ['the device answers with an error', 'see to the disk, or name a place on another one'],
  EBUSY: ['it is in use', 'end what uses it, or name another place'],
  ELOOP: ['its links go round in a circle', 'name another path'],
};

/** Whether an error comes from a file system: it carries a code such as `ENOSPC`. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;
}

/**
 * What a file system has refused, as a `FileError`; other errors, and `FileError`s, come back as they are.
 *
 * @param use what was tried
 * @param bytes size of what was to be written, for the message
 */
export async function systemError(
  error: unknown,
  use: 'read' | 'written' | 'removed',
  file: string,
  bytes?: number,
): Promise<unknown> {
  if (!isSystemError(error)) return error;
  const [said, remedy] = ANSWERS[error.code ?? ''] ?? [error.message, 'name another place'];
  const room = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(error.code ?? '');
  const size = room && bytes !== undefined ? `${bytes} bytes are needed` : undefined;
  const free = error.code === 'ENOSPC' ? await freeBytes(file) : undefined;
  const numbers = [size, free === undefined ? undefined : `${free} are free`].filter((part) => part !== undefined);
  const problem = `${said}${numbers.length === 0 ? '' : ` (${numbers.join(', ')})`}`;
  const kept = use === 'written' ? '; what was there before is unchanged' : '';
  return new FileError(file, `cannot be ${use}: ${problem}`, `${remedy}${kept}`, { cause: error });
}

async function freeBytes(file: string): Promise<number | undefined> {
  const { fs, path } = nodeModules();
  const found = await fs.statfs(path.dirname(file)).catch(() => undefined);
  return found === undefined ? undefined : found.bavail * found.bsize;
}
