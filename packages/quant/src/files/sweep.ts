import { nodeModules } from './node-modules.ts';
import { isOwner, stateOf } from './owner.ts';

/** Names of what is under way: `writeFileWhole` writes parts, stages are put together and folders removed under such names. */
const TEMPORARY = /^\..+\.sp-(?:part|stage)-(.+)$/;

/** Removes what killed owners have left in a folder under temporary names, whatever it was to become. What cannot be removed stays. */
export async function sweep(folder: string): Promise<void> {
  const { fs, path } = nodeModules();
  for (const name of await fs.readdir(folder).catch((): string[] => [])) {
    const owner = TEMPORARY.exec(name)?.[1];
    if (owner === undefined || !isOwner(owner)) continue;
    const place = path.join(folder, name);
    const entry = await fs.lstat(place).catch(() => undefined);
    if (entry === undefined || (await stateOf(owner, entry.mtimeMs)) !== 'dead') continue;
    await fs.rm(place, { recursive: true, force: true }).catch(() => {});
  }
}
