/** What the program reads and writes: graphs, configurations, images, results. */
import { readFile } from 'node:fs/promises';
import { type FileError, parseJson, writeFileWhole } from '../files/index.ts';
import { type FixedGraph, GraphError, type GraphNode, loadGraph, sizeOf } from '../index.ts';
import { readNpy, readNpz } from './read-npy.ts';
import { readNumbers } from './read-numbers.ts';
import { UsageError } from './usage-error.ts';

/** A graph as `saveGraph` writes it: `<name>.json` with `<name>.bin` beside it. */
export async function readGraph(path: string): Promise<FixedGraph> {
  const binary = path.replace(/\.json$/, '.bin');
  if (binary === path)
    throw new UsageError(`graph "${path}": give the .json file of a saved graph (its .bin lies beside it)`);
  // One after the other, so that of two missing files always the same is named.
  const json = await text(path);
  const weights = await bytes(binary);
  try {
    return loadGraph({ json, weights });
  } catch (cause) {
    if (cause instanceof GraphError) throw new UsageError(`graph "${path}": ${cause.message}`, { cause });
    throw cause;
  }
}

/**
 * Options as JSON; no file, no wishes.
 *
 * @param what names the file in messages
 */
export async function readOptions(what: string, path: string | undefined): Promise<unknown> {
  if (path === undefined) return {};
  const json = await text(path);
  try {
    return parseJson(json, path);
  } catch (cause) {
    throw new UsageError(`${what} "${path}": ${(cause as FileError).problem}`, { cause });
  }
}

/** What is known of an input. */
type Port = Pick<GraphNode, 'name' | 'shape'>;

/**
 * Data for the inputs of a graph. For one input: JSON (nested arrays of numbers), text with numbers between blanks or commas, or `.npy`. For several: JSON with an
 * array for each by its name. Either: `.npz`, arrays by the inputs' names (of one input any name will do).
 *
 * @throws UsageError naming the input that lacks data, or whose data do not fit
 */
export async function readInputs(path: string, inputs: readonly Port[]): Promise<Record<string, Float64Array>> {
  const what = `images "${path}"`;
  const names = inputs.map(({ name }) => name).join(', ');
  const given = new Map<string, Float64Array>();
  if (path.endsWith('.npz')) {
    const arrays = readNpz(what, await bytes(path));
    for (const [name, { values }] of arrays) given.set(name, values);
    if (inputs.length === 1 && arrays.size === 1) given.set(inputs[0].name, [...arrays.values()][0].values);
  } else if (path.endsWith('.npy')) {
    if (inputs.length !== 1)
      throw new UsageError(`${what}: one array for the inputs ${names}; use .npz, or JSON by name`);
    given.set(inputs[0].name, readNpy(what, await bytes(path)).values);
  } else {
    const content = await text(path);
    if (content.trimStart().startsWith('{')) {
      for (const [name, array] of Object.entries(parsed(content, path, what) as object)) {
        given.set(name, Float64Array.from(readNumbers(`${what}, "${name}"`, JSON.stringify(array))));
      }
    } else {
      if (inputs.length !== 1)
        throw new UsageError(
          `${what}: numbers for the inputs ${names}; use JSON with an array for each by its name, or .npz`,
        );
      given.set(inputs[0].name, Float64Array.from(readNumbers(what, content)));
    }
  }
  const known = new Set(inputs.map(({ name }) => name));
  const other =
    inputs.length === 1 && path.endsWith('.npz') ? undefined : [...given.keys()].find((name) => !known.has(name));
  if (other !== undefined) throw new UsageError(`${what}: "${other}" is no input; the inputs are ${names}`);
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const values = given.get(name);
      if (values === undefined)
        throw new UsageError(
          `${what}: nothing for input "${name}"; it has ${[...given.keys()].join(', ') || 'nothing'}`,
        );
      const size = sizeOf(shape);
      if (values.length % size !== 0) {
        throw new UsageError(`${what}: ${values.length} numbers; input "${name}" takes ${size} per image`);
      }
      return [name, values];
    }),
  );
}

/** Labels of images: whole numbers as JSON, text, or `.npy`. */
export async function readLabels(path: string): Promise<Float64Array> {
  const what = `labels "${path}"`;
  const labels = path.endsWith('.npy')
    ? readNpy(what, await bytes(path)).values
    : Float64Array.from(readNumbers(what, await text(path)));
  const bad = labels.findIndex((label) => !Number.isInteger(label) || label < 0);
  if (bad >= 0) throw new UsageError(`${what}: label ${bad} is ${labels[bad]}; give the places of classes, from 0`);
  return labels;
}

function parsed(json: string, path: string, what: string): unknown {
  try {
    return parseJson(json, path);
  } catch (cause) {
    throw new UsageError(`${what}: ${(cause as FileError).problem}`, { cause });
  }
}

/**
 * Made-up images: mostly empty, a few all empty, values over the whole range of the input; the same every time.
 *
 * @param most numbers that all images together may have
 * @throws UsageError when there would be more
 */
export function madeUpImages(
  count: number,
  input: Pick<GraphNode, 'name' | 'shape' | 'format'>,
  most: number,
  seed = 1,
): Float64Array {
  const size = sizeOf(input.shape);
  if (count * size > most) {
    throw new UsageError(
      `--random ${count}: too many images of ${size} numbers each for input "${input.name}"; give at most ${Math.floor(most / size)}`,
    );
  }
  const channels = input.shape[input.shape.length - 1];
  const scale = 2 ** Math.max(...input.format.i);
  const signed = input.format.k.includes(1);
  let state = seed;
  const next = () => {
    // xorshift: any sequence will do, as long as it is always the same.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  const images = new Float64Array(count * size);
  for (let b = 0; b < count; b++) {
    const share = b % 8 === 7 ? 0 : next() * 0.2;
    for (let p = 0; p < size; p += channels) {
      if (next() >= share) continue;
      for (let c = 0; c < channels; c++)
        images[b * size + p + c] = (next() * (signed ? 2 : 1) - (signed ? 1 : 0)) * scale;
    }
  }
  return images;
}

/** Writes a file as a whole or not at all. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeFileWhole(path, text).catch((cause: Error) => {
    throw new UsageError(cause.message, { cause });
  });
}

async function bytes(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: Error) => {
    throw new UsageError(`"${path}" cannot be read: ${cause.message}`, { cause });
  });
}

/** Text of a file, without the mark that some editors put in front. */
async function text(path: string): Promise<string> {
  const content = await bytes(path);
  try {
    return content.toString('utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new UsageError(`"${path}": ${content.length} bytes are too many for one text; give less`, { cause });
  }
}
