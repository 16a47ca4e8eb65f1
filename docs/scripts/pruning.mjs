// Draws the figures of docs/guides/pruning.md, in both themes: one network of the study, pruned for EBOPs.
//   npm run build && node docs/scripts/pruning.mjs
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setBackend } from '@sp/layers';
import * as prune from '@sp/train/prune';
import * as viz from '@sp/viz';
import { fullEffort, pruneNetwork, studyNetworks } from '../../apps/example/dist/bench/pruned-network.js';

const images = join(dirname(fileURLToPath(import.meta.url)), '..', 'images');
const seed = 21;

await setBackend('auto');
const networks = await studyNetworks('digits', seed, fullEffort.digits);
const { model, result } = await pruneNetwork(networks, 'EBOPs', seed, fullEffort.digits);
const steps = result.steps.map(({ resources, ...step }) => ({ ...step, resource: resources[0] }));
const layers = [...prune.getModelSparsity(model).perLayer].map(([layer, sparsity]) => ({ layer, sparsity }));
const { baseline, resourcesBefore } = result;

const figures = {
  'pruning-history': (theme) =>
    viz.pruningHistory(steps, {
      baseline,
      limit: 0.99 * baseline,
      resourceBefore: resourcesBefore[0],
      metricTitle: 'accuracy on held-out images',
      theme,
    }),
  'pruning-sparsity': (theme) => viz.sparsityByLayer(layers, { theme }),
};
for (const [name, draw] of Object.entries(figures)) {
  for (const theme of ['light', 'dark']) {
    const file = join(images, `${name}${theme === 'dark' ? '-dark' : ''}.svg`);
    await writeFile(file, await viz.renderSvg(draw(theme)));
  }
}
