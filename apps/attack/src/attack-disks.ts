import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dice } from './dice.ts';
import { type Row, Tally } from './row.ts';
import { STATE_BYTES, WRITERS } from './writers.ts';

/** Where file systems of any size can be made: as root, where mounting is allowed. */
function canMount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Fills the disk before each write, and makes it read-only: the error must name file and remedy, and the state must be the old one, or the new one
 * if it fitted. Needs `canMount`; without it only read-only folders are tried, and those not as root, who may write anywhere.
 *
 * @param folder an empty one
 */
export async function attackDisks({
  seed,
  count,
  folder,
}: {
  seed: number;
  count: number;
  folder: string;
}): Promise<Row[]> {
  const mounts = canMount(folder);
  const rows: Row[] = [];
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  for (const [kind, writer] of Object.entries(WRITERS)) {
    const chance = dice(seed);
    const place = join(folder, `disk-${rows.length}`);
    await mkdir(place);
    const inside = kind === 'the firmware project one is in';
    const back = process.cwd();
    const full = new Tally(`full disk: ${kind}`);
    const readOnly = new Tally(`read-only: ${kind}`);
    if (mounts) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place]);
    try {
      if (inside) process.chdir(place);
      let state = 0;
      const attempt = async (tally: Tally, wanted: RegExp): Promise<void> => {
        const next = state + 1;
        try {
          await writer.write(place, next, note);
          state = next;
          tally.add('right');
        } catch (error) {
          const text = error instanceof Error ? error.message : String(error);
          if (wanted.test(text)) tally.fail(error);
          else tally.add('untyped', text);
        }
        const found = await writer.read(place, note).catch((error: unknown) => String(error));
        if (found !== state) tally.add('lost', `${found} instead of ${state}`);
      };
      await writer.write(place, state, note);
      if (mounts) {
        for (let j = 0; j < count; j++) {
          await fill(place, chance.below(STATE_BYTES * 2));
          await attempt(full, /disk is full.*(?:free space|another disk)/);
          await rm(join(place, 'filler'), { force: true });
        }
        execFileSync('mount', ['-o', 'remount,ro', place]);
      } else if (process.getuid?.() !== 0) await chmod(place, 0o555);
      if (mounts || process.getuid?.() !== 0) {
        for (let j = 0; j < 2; j++) await attempt(readOnly, /read-only|you may not|does not allow/);
      }
    } finally {
      process.chdir(back);
      if (mounts) execFileSync('umount', ['-l', place]);
      else await chmod(place, 0o755);
    }
    rows.push(...[full, readOnly].map((tally) => tally.row()).filter(({ tries }) => tries > 0));
  }
  return rows;
}

/** Leaves so many bytes on a file system. */
async function fill(place: string, left: number): Promise<void> {
  const file = join(place, 'filler');
  const { bavail, bsize } = await statfs(place);
  const size = Math.max(0, bavail * bsize - left);
  await writeFile(file, Buffer.alloc(size));
  if ((await stat(file)).size !== size) await truncate(file, size);
}
