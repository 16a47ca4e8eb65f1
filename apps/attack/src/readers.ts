import { join } from 'node:path';
import { checkpointReaders } from './checkpoint-readers.ts';
import { dataReaders } from './data-readers.ts';
import { graphReaders } from './graph-readers.ts';
import { kerasReaders } from './keras-readers.ts';
import { modelReaders } from './model-readers.ts';
import { projectReaders } from './project-readers.ts';
import type { Reader } from './reader.ts';
import { runReaders } from './run-readers.ts';
import { textReaders } from './text-readers.ts';

/** All readers of files and texts. `folder` is empty. */
export async function readers(folder: string): Promise<readonly Reader[]> {
  return [
    ...graphReaders(),
    ...(await modelReaders(join(folder, 'model'))),
    ...(await projectReaders(join(folder, 'project'))),
    ...(await runReaders(join(folder, 'run'))),
    ...(await checkpointReaders(join(folder, 'checkpoints'))),
    ...(await kerasReaders(folder)),
    ...dataReaders(),
    ...textReaders(),
  ];
}
