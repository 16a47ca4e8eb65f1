// Draws the figure of docs/guides/what-hardware-costs.md from its table "One network, three ways", in both themes.
//   npm run build && node docs/scripts/hardware.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as viz from '@sp/viz';

const docs = join(dirname(fileURLToPath(import.meta.url)), '..');
const guide = await readFile(join(docs, 'guides', 'what-hardware-costs.md'), 'utf8');
const section = guide.slice(guide.indexOf('## One network, three ways'));
const lines = section.slice(0, section.indexOf('\n## ', 3)).split('\n');
const rows = lines.filter((line) => line.startsWith('| ')).map((line) => line.split('|').map((cell) => cell.trim()));

const amount = (text) => Number(text.replaceAll(',', '').replace(/k$/, '000'));
const plans = rows.slice(1).map(([, name, latency, interval, lut, ff, dsp]) => ({
  name: name.replaceAll('`', ''),
  latency: amount(latency),
  interval: amount(interval),
  lut: amount(lut),
  ff: amount(ff),
  dsp: amount(dsp),
}));
for (const theme of ['light', 'dark']) {
  const file = join(docs, 'images', `hardware${theme === 'dark' ? '-dark' : ''}.svg`);
  await writeFile(file, await viz.renderSvg(viz.latencyVsResources(plans, { theme })));
}
