// Draws the first kernels of a run with tracks, as the firmware has them:
//   npm start -- --data tracks && node docs/scripts/kernels.mjs runs/tracks
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadGraph } from '@sp/quant';
import * as viz from '@sp/viz';
import { renderPng } from '@sp/viz/png';

const run = process.argv[2];
if (run === undefined) throw new Error('usage: node docs/scripts/kernels.mjs RUN_FOLDER');
const images = join(dirname(fileURLToPath(import.meta.url)), '..', 'images');
const graph = loadGraph({
  json: await readFile(join(run, 'graph.json'), 'utf8'),
  weights: await readFile(join(run, 'graph.bin')),
});
const { kernel } = graph.nodes.find(({ op }) => op === 'sparseConv2d');
const [height, width, channels, filters] = kernel.shape;
const each = Array.from({ length: filters }, (_, filter) => {
  const values = Array.from({ length: height * width * channels }, (_, tap) =>
    Number(kernel.codes[tap * filters + filter]),
  );
  console.log(`filter ${filter + 1}: ${values.filter((code) => code !== 0).length} of ${values.length} taps are not 0`);
  return [
    `filter ${filter + 1}`,
    { values: values.map((code) => code / 2 ** kernel.f), shape: [height, width, channels] },
  ];
});
for (const [theme, file] of [
  ['light', 'tracks-kernels.png'],
  ['dark', 'tracks-kernels-dark.png'],
]) {
  const subtitle = 'left: weights of the charge, right: of the time';
  const spec = viz.layerOutputsPlot(new Map(each), { theme, title: 'The first convolution for tracks', subtitle });
  await writeFile(join(images, file), renderPng(await viz.renderSvg(spec)));
}
