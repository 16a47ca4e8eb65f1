/**
 * Child of the bench rows of `fit`: `fit-speed.js ROOT NETWORK BATCH` trains a network with the packages of the clone at ROOT and prints one line
 * of JSON, `FitSpeed`.
 */
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the child measured. */
export interface FitSpeed {
  /** Images per second of the median epoch, without the first ones. */
  readonly perSecond: number;
}

const [root, network, batch] = process.argv.slice(2);
const importer = pathToFileURL(join(root, 'apps', 'example', 'dist', 'cli.js')).href;
// What files of this folder import of packages is what the example of that clone sees.
const hook = `export const resolve = (specifier, context, next) =>
  next(specifier, /^@(sp|tensorflow)\\//.test(specifier) && context.parentURL.startsWith(${JSON.stringify(new URL('.', import.meta.url).href)})
    ? { ...context, parentURL: ${JSON.stringify(importer)} } : context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const { setBackend } = await import('@sp/layers');
const { adam, fit } = await import('@sp/train');
const { networks, sparseImages, sparseModel } = await import('./sparse-networks.ts');

await setBackend('cpu');
const batchSize = Number(batch);
const images = sparseImages(networks[Number(network)], 2048);
const model = sparseModel(networks[Number(network)], false);
const { epochs, engine } = await fit(model, images, { epochs: 14, batchSize, optimizer: adam() });
if (engine !== 'fused') throw new Error(engine);
// The first epochs make lists and compile code.
const seconds = epochs.slice(4).map(({ seconds }) => seconds as number);
seconds.sort((a, b) => a - b);
const speed: FitSpeed = { perSecond: images.labels.length / seconds[Math.floor(seconds.length / 2)] };
process.stdout.write(`${JSON.stringify(speed)}\n`);
