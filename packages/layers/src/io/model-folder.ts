import {
  FileError,
  nodeModules,
  readFileWhole,
  stageOf,
  systemError,
  withStage,
  writeFileWhole,
} from '@sp/quant/files';
import type * as tf from '@tensorflow/tfjs';
import { decodePart, encodeModel, HASHED, type ModelFile, type Part, parseModel } from './model-file.ts';

/**
 * Writes a model into a folder. The weights come first, under names that depend on their content; then `<name>.json`, which names them, is exchanged
 * in one step: before it the folder holds the old model, after it the new one, whenever the process is killed or the disk is full. Weights that no
 * model needs any more are removed.
 *
 * @throws FileError when the folder cannot be written, or another process is writing the same model; the old model is unchanged then
 */
export async function writeModel(
  directory: string,
  name: string,
  model: tf.io.ModelArtifacts,
  optimizer?: tf.io.ModelArtifacts,
): Promise<void> {
  const { fs, path } = nodeModules();
  const prefix = prefixOf(name);
  const { json, weights } = encodeModel(model, optimizer, prefix);
  const target = path.join(directory, `${name}.json`);
  try {
    await fs.mkdir(directory, { recursive: true });
    // Nothing to settle: until the last step nothing is touched that was there.
    const settle = async () => undefined;
    await withStage(target, stageOf(target), settle, async () => {
      const before = await fs.readFile(target, 'utf8').catch(() => undefined);
      const made: string[] = [];
      try {
        for (const { file, bytes } of weights) {
          const place = path.join(directory, file);
          if (!(await fs.stat(place).catch(() => undefined))) made.push(place);
          await writeFileWhole(place, bytes);
        }
        await writeFileWhole(target, json);
      } catch (error) {
        for (const place of made) await fs.rm(place, { force: true }).catch(() => {});
        throw error;
      }
      const needed = new Set(weights.map(({ file }) => file));
      for (const file of await unneeded(directory, prefix, needed, before)) {
        // The new model is there; what cannot be removed now goes with the next save.
        await fs.rm(path.join(directory, file), { force: true }).catch(() => {});
      }
    });
  } catch (error) {
    throw await systemError(error, 'written', target);
  }
}

/**
 * Reads a model, or the optimizer saved with it.
 *
 * @throws FileError when a file is missing, damaged or no model
 */
export async function readModel(directory: string, name: string, part: Part): Promise<tf.io.ModelArtifacts> {
  const { path } = nodeModules();
  const file = path.join(directory, `${name}.json`);
  let text = decodeText(await readFileWhole(file, 'model file'));
  for (;;) {
    const content = parseModel(text, file);
    try {
      return await readPart(directory, content, file, part);
    } catch (error) {
      // A new model may have taken the place of this one while it was read.
      const now = decodeText(await readFileWhole(file, 'model file'));
      if (now === text) throw error;
      text = now;
    }
  }
}

/** Whether a folder's `model.json` is of version 2 or later, which holds the optimizer too. */
export async function hasChecksum(directory: string): Promise<boolean> {
  const { fs, path } = nodeModules();
  const text = await fs.readFile(path.join(directory, 'model.json'), 'utf8').catch(() => undefined);
  return text !== undefined && 'sha256' in parseModel(text, path.join(directory, 'model.json'));
}

async function readPart(directory: string, content: ModelFile, file: string, part: Part) {
  const { path } = nodeModules();
  const wanted = part === 'model' ? content : content.optimizer;
  if (wanted === undefined) {
    throw new FileError(file, 'holds no optimizer', 'save the model with { optimizer }');
  }
  const paths = wanted.weightsManifest.flatMap((group) => group.paths);
  for (const name of paths) {
    if (path.isAbsolute(name) || name.split(/[\\/]/).includes('..')) {
      throw new FileError(file, `names weights outside of its folder: '${name}'`, 'save the model again');
    }
  }
  const places = paths.map((name) => path.join(directory, name));
  const shards = await Promise.all(places.map((place) => readFileWhole(place, 'weights file')));
  return decodePart(wanted, shards, places.join("', '"));
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function prefixOf(name: string): string {
  return name === 'model' ? '' : `${name}.`;
}

/** Weights of earlier saves: those named by content, and those that the model file before this one named. */
async function unneeded(directory: string, prefix: string, needed: ReadonlySet<string>, before: string | undefined) {
  const names = await nodeModules().fs.readdir(directory);
  const old = new Set(before === undefined ? [] : earlierWeights(before, prefix));
  return names.filter((name) => {
    const hashed = HASHED.exec(name);
    const ours = hashed !== null && name.slice(0, hashed.index) === prefix;
    return (ours || old.has(name)) && !needed.has(name);
  });
}

/** The weights of a model that version 1 wrote: always under the same name, and with their digest. */
function earlierWeights(text: string, prefix: string): string[] {
  try {
    const { weightsManifest, weightsSha256 } = parseModel(text, '');
    const paths = weightsManifest.flatMap((group) => group.paths);
    return weightsSha256 === undefined ? [] : paths.filter((name) => name === `${prefix}weights.bin`);
  } catch {
    return [];
  }
}
