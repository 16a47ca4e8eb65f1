import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FirmwareError } from '../errors.ts';

/** Calls `fill` with a temporary folder, which is removed in the end unless what was there before could not be put back. */
export async function staged(parent: string, prefix: string, fill: (stage: string) => Promise<void>): Promise<void> {
  await makeFolders(parent);
  const stage = await mkdtemp(join(parent, prefix));
  try {
    await fill(stage);
  } catch (error) {
    if (!(error instanceof StuckError)) await rm(stage, { recursive: true, force: true });
    throw error;
  }
  await rm(stage, { recursive: true, force: true }).catch((cause: Error) => {
    throw new FirmwareError(
      `the project is written, but what was there before cannot be removed: ${cause.message}; remove "${stage}"`,
      { cause },
    );
  });
}

/** As a recursive `mkdir`, which never returns where a file system refuses by saying ENOENT (`/proc`). */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolders(dirname(path));
      await mkdir(path);
    } else if (!(await stat(path).catch(() => undefined))?.isDirectory()) {
      throw error;
    }
  }
}

/** Renaming has failed halfway, and so has going back. */
class StuckError extends FirmwareError {}

/** Renames one after the other; if one fails, those before are taken back. */
export async function renameAll(moves: readonly (readonly [from: string, to: string])[]): Promise<void> {
  const done: (readonly [from: string, to: string])[] = [];
  try {
    for (const [from, to] of moves) {
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
      done.unshift([from, to]);
    }
  } catch (error) {
    try {
      for (const [from, to] of done) await rename(to, from);
    } catch (cause) {
      throw new StuckError(
        `exchanging files failed (${(error as Error).message}), and so did going back: ${(cause as Error).message}; what was there before lies in "${done.at(-1)?.[1]}" and beside it`,
        { cause },
      );
    }
    throw error;
  }
}
