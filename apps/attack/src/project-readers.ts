import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emit, plan, readReports, write } from '@sp/hls';
import { deepJson, mutateData, mutateText } from './mutate.ts';
import { type Reader, resealed, same } from './reader.ts';
import { smallGraph } from './small-graph.ts';

/** Descriptions of firmware projects. `folder` is not there yet. */
export async function projectReaders(folder: string): Promise<Reader[]> {
  const planned = plan(smallGraph());
  await write(emit(planned), folder);
  const file = join(folder, 'project.json');
  const text = await readFile(file, 'utf8');
  const read = async (changed: string): Promise<boolean> => {
    await writeFile(file, changed);
    await readReports(folder);
    return same(JSON.parse(changed), JSON.parse(text));
  };
  const { sha256: _, ...first } = { ...(JSON.parse(text) as object), version: 1 } as Record<string, unknown>;
  return [
    { name: 'project.json', share: 6, attempt: (dice) => read(mutateText(text, dice)) },
    {
      name: 'project.json, other content with a checksum',
      share: 4,
      attempt: (dice) => read(resealed(text, dice)).then(() => true),
    },
    {
      name: 'project.json of version 1',
      share: 3,
      attempt: (dice) => read(deepJson(mutateData(first, dice))).then(() => true),
    },
  ];
}
