/** What the program reads and writes: graphs, configurations, images, results. */
import { readFile } from 'node:fs/promises';
import { type FixedGraph, GraphError, type GraphNode, loadGraph, sizeOf } from '@sp/quant';
import { type FileError, parseJson, writeFileWhole } from '@sp/quant/files';
import type { HlsConfig } from '../config/config.ts';
import { UsageError } from './errors.ts';
import { readNumbers } from './read-numbers.ts';

/** A graph as `saveGraph` writes it: `<name>.json` with `<name>.bin` beside it. */
export async function readGraph(path: string): Promise<FixedGraph> {
  const binary = path.replace(/\.json$/, '.bin');
  if (binary === path)
    throw new UsageError(`graph "${path}": give the .json file of a saved graph (its .bin lies beside it)`);
  const [json, weights] = await Promise.all([text(path), bytes(binary)]);
  try {
    return loadGraph({ json, weights });
  } catch (cause) {
    if (cause instanceof GraphError) throw new UsageError(`graph "${path}": ${cause.message}`, { cause });
    throw cause;
  }
}

/** A configuration as JSON; no file, no wishes. */
export async function readConfig(path: string | undefined): Promise<HlsConfig> {
  if (path === undefined) return {};
  const json = await text(path);
  try {
    return parseJson(json, path) as HlsConfig;
  } catch (cause) {
    throw new UsageError(`config "${path}": ${(cause as FileError).problem}`, { cause });
  }
}

/**
 * Data for the graph's only input: JSON (nested arrays of numbers), or text with numbers between blanks or commas.
 */
export async function readImages(path: string, input: Pick<GraphNode, 'name' | 'shape'>): Promise<Float64Array> {
  const numbers = readNumbers(`images "${path}"`, await text(path));
  const size = sizeOf(input.shape);
  if (numbers.length % size !== 0) {
    throw new UsageError(`images "${path}": ${numbers.length} numbers; input "${input.name}" takes ${size} per image`);
  }
  return Float64Array.from(numbers);
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
  let state = 1;
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
