import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists, systemError, writeFileWhole } from '@sp/quant/files';
import { RtlError } from '../errors.ts';
import type { RtlFiles } from './emit-rtl.ts';

/** What tells a folder of ours. */
const MARK = 'design.json';

/**
 * Writes a design. In a folder that holds one, Verilog of modules that are no more is removed; files of other kinds are kept.
 *
 * @throws RtlError when the folder holds something but no design, or cannot be written
 */
export async function writeRtl(files: RtlFiles, dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    const there = await readdir(dir);
    if (there.length > 0 && !there.includes(MARK)) {
      throw new RtlError(`"${dir}" holds ${there[0]} and no ${MARK}: it is no design of ours; name another folder`);
    }
    // The mark comes first, so that a folder that was left halfway is known as ours.
    const order = [...files.keys()].sort((a, b) => Number(b === MARK) - Number(a === MARK));
    for (const path of order) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFileWhole(join(dir, path), files.get(path)!);
    }
    if (!(await exists(join(dir, 'rtl')))) return;
    for (const name of await readdir(join(dir, 'rtl'))) {
      if (name.endsWith('.v') && !files.has(`rtl/${name}`)) await rm(join(dir, 'rtl', name));
    }
  } catch (error) {
    if (error instanceof RtlError) throw error;
    const cause = (await systemError(error, 'written', dir)) as Error;
    throw new RtlError(`cannot write the design to "${dir}": ${cause.message}`, { cause });
  }
}
