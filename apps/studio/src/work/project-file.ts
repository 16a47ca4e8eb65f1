import { strToU8, type Unzipped, unzipSync } from 'fflate';
import { fromPieces, toPieces } from '../project/plain-file.ts';
import type { Project } from '../project/project.ts';
import { forget, keep, kept, type StoreName } from './storage.ts';
import { zipped } from './zip.ts';

/** All that is kept of a project besides itself, by store and key. */
function partsOf({ id, runs }: Project): readonly (readonly [store: StoreName, key: string])[] {
  return [['data', id], ...runs.flatMap((run) => [['checkpoints', run.id] as const, ['models', run.id] as const])];
}

/** A project with its images, checkpoints and trained variables as one file. */
export async function projectFile({ project }: { readonly project: Project }): Promise<Uint8Array> {
  const files = new Map<string, string | Uint8Array>([['project.json', JSON.stringify(project, null, 1)]]);
  for (const [store, key] of partsOf(project)) {
    const value = await kept(store, key);
    if (value === undefined) continue;
    const { json, pieces } = toPieces(value);
    files.set(`${store}/${key}.json`, json);
    for (const [at, piece] of pieces.entries()) files.set(`${store}/${key}/${at}.bin`, piece);
  }
  return zipped(files);
}

/**
 * Opens a project's file: keeps what is in it and gives the project back.
 *
 * @throws Error that says what is wrong with the file, before anything is kept
 */
export async function openProjectFile({ file }: { readonly file: File }): Promise<Project> {
  const wrong = (problem: string, cause?: unknown): Error =>
    new Error(`${file.name}: ${problem}; choose a file that “Save as file” made.`, { cause });
  let entries: Unzipped;
  try {
    entries = unzipSync(new Uint8Array(await file.arrayBuffer()));
  } catch (cause) {
    throw wrong('no zip file, or damaged', cause);
  }
  const text = (name: string): string => new TextDecoder().decode(entries[name] ?? strToU8(''));
  let project: Project;
  try {
    project = JSON.parse(text('project.json')) as Project;
    if (project.version !== 1 || typeof project.id !== 'string' || !Array.isArray(project.runs))
      throw new Error('not version 1');
  } catch (cause) {
    throw wrong('holds no project', cause);
  }
  const values = partsOf(project).flatMap(([store, key]) => {
    if (entries[`${store}/${key}.json`] === undefined) return [];
    const pieces: Uint8Array[] = [];
    for (let at = 0; entries[`${store}/${key}/${at}.bin`] !== undefined; at++)
      pieces.push(entries[`${store}/${key}/${at}.bin`]);
    try {
      return [[store, key, fromPieces({ json: text(`${store}/${key}.json`), pieces })] as const];
    } catch (cause) {
      throw wrong(`${store} of ${key} is damaged`, cause);
    }
  });
  for (const [store, key, value] of values) await keep(store, key, value);
  return project;
}

/** Forgets what is kept of a project besides itself. */
export async function forgetProject({ project }: { readonly project: Project }): Promise<void> {
  for (const [store, key] of partsOf(project)) await forget(store, key);
}
