import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setBackend } from '@sp/layers';
import { type FixedGraph, loadGraph } from '@sp/quant';
import { type Dataset, loadDigits, noisyTracks, readStream } from '@sp/train';
import { BadFileError } from '../bad-file-error.ts';
import { fixedView } from '../trained/fixed-view.ts';
import { denseImages } from '../trained/images.ts';
import { parseTrainedFile } from '../trained/trained-file.ts';

/** A network to be built as hardware, with real images. */
export interface RtlCase {
  readonly network: string;
  readonly graph: FixedGraph;
  readonly images: Float32Array;
  /** How many they are. */
  readonly count: number;
}

/**
 * The networks of a source: a file of published networks, or the folder of a run of `npm start` with its test images.
 *
 * @param wanted only the network of this name
 * @throws BadFileError for a source that is neither, or has no such network
 */
export async function rtlCases(path: string, wanted?: string): Promise<readonly RtlCase[]> {
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    (cause: unknown) => {
      throw new BadFileError(path, `cannot be read: ${(cause as Error).message}`, { cause });
    },
  );
  await setBackend('cpu');
  if (!folder) return publishedCases(path, wanted);
  const run = await runCase(path);
  if (wanted === undefined || run.network === wanted) return [run];
  throw new BadFileError(path, `is the run of one network, ${run.network}, and of no ${JSON.stringify(wanted)}`);
}

async function publishedCases(path: string, wanted: string | undefined): Promise<readonly RtlCase[]> {
  const file = parseTrainedFile(await textOf(path), path);
  const chosen = file.networks.filter(({ name }) => wanted === undefined || name === wanted);
  if (chosen.length === 0) {
    const names = file.networks.map(({ name }) => name).join(', ');
    throw new BadFileError(path, `has no network ${JSON.stringify(wanted)}; it has ${names}`);
  }
  return chosen.map((network) => ({
    network: network.name,
    graph: fixedView(file, network).graph,
    images: denseImages(file),
    count: file.images.length,
  }));
}

/** The network of a run, and the test images that it was judged by. */
async function runCase(path: string): Promise<RtlCase> {
  // One after the other, so that of several missing files always the same is named.
  const record = await textOf(join(path, 'run.json'));
  const json = await textOf(join(path, 'graph.json'));
  const weights = await readFile(join(path, 'graph.bin')).catch((cause: Error) => {
    throw new BadFileError(path, `its graph.bin cannot be read: ${cause.message}`, { cause });
  });
  const test = await testImagesOf(path, record);
  try {
    const graph = loadGraph({ json, weights });
    return { network: graph.name, graph, images: test.images, count: test.labels.length };
  } catch (cause) {
    throw new BadFileError(join(path, 'graph.json'), (cause as Error).message, { cause });
  }
}

async function testImagesOf(path: string, record: string): Promise<Dataset> {
  let kind: unknown;
  try {
    kind = (JSON.parse(record) as { data?: { kind?: unknown } } | null)?.data?.kind;
  } catch (cause) {
    throw new BadFileError(join(path, 'run.json'), `it is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (kind === 'digits') return (await loadDigits()).test;
  // The images of the example, as apps/example draws them.
  if (kind === 'tracks') return readStream(noisyTracks({ count: 1000, seed: 2 }));
  throw new BadFileError(
    path,
    `its data are ${JSON.stringify(kind)}, whose images are not at hand; use "npx sp-rtl compare ${join(path, 'graph.json')} --images FILE"`,
  );
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: Error) => {
    throw new BadFileError(path, `cannot be read: ${cause.message}`, { cause });
  });
}
