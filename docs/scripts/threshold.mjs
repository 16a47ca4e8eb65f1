// Draws the figure of docs/guides/learn-the-threshold.md, in both themes, from the study's measurements:
//   npm run bench -- threshold --json threshold.json && node docs/scripts/threshold.mjs threshold.json
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { activePixelsVsThreshold } from '@sp/train';
import * as viz from '@sp/viz';
import { detectors, noisyImages } from '../../apps/example/dist/bench/noisy-images.js';

const file = process.argv[2];
if (file === undefined) throw new Error('usage: node docs/scripts/threshold.mjs FILE.json');
const images = join(dirname(fileURLToPath(import.meta.url)), '..', 'images');

const rows = JSON.parse(await readFile(file, 'utf8')).rows.filter(({ more }) => more?.seed === 1);
const [detector] = detectors;
const shown = rows.find(({ name, more }) => name.startsWith(detector.name) && more.level === 0.6);
const data = await noisyImages(detector, shown.more.noise, 3000, 1);
const counts = activePixelsVsThreshold(data, { from: 0, to: 0.5 });
for (const [theme, name] of [
  ['light', 'learned-threshold'],
  ['dark', 'learned-threshold-dark'],
]) {
  const spec = viz.activePixelsVsThresholdPlot(counts, { n: shown.value, threshold: shown.more.threshold, theme });
  await writeFile(join(images, `${name}.svg`), await viz.renderSvg(spec));
}
