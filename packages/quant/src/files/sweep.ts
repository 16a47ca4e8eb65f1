import { nodeModules } from './node-modules.ts';
import { isOwner, stateOf } from './owner.ts';

/** Removes what killed owners have left in a folder: files and folders named `<prefix><owner>`. What cannot be removed stays. */
export async function sweep(folder: string, prefix: string): Promise<void> {
  const { fs, path } = nodeModules();
  for (const name of await fs.readdir(folder).catch((): string[] => [])) {
    if (!name.startsWith(prefix) || !isOwner(name.slice(prefix.length))) continue;
    const place = path.join(folder, name);
    const entry = await fs.lstat(place).catch(() => undefined);
    if (entry === undefined || (await stateOf(name.slice(prefix.length), entry.mtimeMs)) !== 'dead') continue;
    await fs.rm(place, { recursive: true, force: true }).catch(() => {});
  }
}
