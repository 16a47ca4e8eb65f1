/**
 * Child of the bench group `data`: reads a whole file in shuffled batches and prints one line of JSON, `ReadResult`.
 *
 * Arguments: `npy IMAGES LABELS` or `hdf5 FILE`.
 */
import { streamBatches, streamNpy } from '@sp/train';
import { streamHdf5 } from '@sp/train/hdf5';

/** What the child found. */
export interface ReadResult {
  readonly images: number;
  /** Sum of all pixels and labels, to know that all of them came. */
  readonly sum: number;
  readonly seconds: number;
  /** Most memory that the process has held, in bytes. */
  readonly peakMemory: number;
}

const [kind, path, labelsPath] = process.argv.slice(2);
const data = kind === 'npy' ? await streamNpy(path, labelsPath) : await streamHdf5(path);
const start = performance.now();
let images = 0;
let sum = 0;
for await (const batch of streamBatches(data, 64, { seed: 1 })) {
  images += batch.size;
  for (const pixel of batch.images) sum += pixel;
  for (const label of batch.labels) sum += label;
}
const seconds = (performance.now() - start) / 1000;
await data.close();
const result: ReadResult = { images, sum, seconds, peakMemory: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(`${JSON.stringify(result)}\n`);
