import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@sp/quant/files';
import type { Resources } from './resources.ts';

/** What is kept of a block. */
export interface CachedArea {
  readonly area: Resources;
  readonly levels: number;
}

/** Keeps the areas of blocks by the hash of all that they depend on. */
export interface AreaCache {
  get(key: string): Promise<CachedArea | undefined>;
  set(key: string, value: CachedArea): Promise<void>;
}

/** A cache for the time of the process. */
export function memoryCache(): AreaCache {
  const known = new Map<string, CachedArea>();
  return {
    get: async (key) => known.get(key),
    set: async (key, value) => {
      known.set(key, value);
    },
  };
}

/** A cache of one small JSON file per block. A file that cannot be read counts as none. */
export function folderCache(folder: string): AreaCache {
  const path = (key: string): string => join(folder, `${key}.json`);
  return {
    async get(key) {
      try {
        const value = JSON.parse(await readFile(path(key), 'utf8')) as CachedArea;
        return typeof value.levels === 'number' && typeof value.area.lut === 'number' ? value : undefined;
      } catch {
        return undefined;
      }
    },
    async set(key, value) {
      await writeFileWhole(path(key), `${JSON.stringify(value)}\n`);
    },
  };
}
