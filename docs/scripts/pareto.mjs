// Prints the table of docs/pareto.md and draws its picture from the measurements of a Pareto front:
//   npm run bench -- pareto --json pareto.json && node docs/scripts/pareto.mjs pareto.json
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as viz from '@sp/viz';

const file = process.argv[2];
if (file === undefined) throw new Error('usage: node docs/scripts/pareto.mjs FILE.json');
const image = join(dirname(fileURLToPath(import.meta.url)), '..', 'images', 'pareto-front-digits.svg');

const rows = JSON.parse(await readFile(file, 'utf8')).rows.filter(({ group }) => group === 'pareto');
const percent = (share) => `${(100 * share).toFixed(1)} %`;
process.stdout.write(
  '| Epoch | n | EBOPs | Accuracy, 289 held-out images | Accuracy, 360 test images, fixed point |\n',
);
process.stdout.write('|--:|--:|--:|--:|--:|\n');
for (const { name, value, more } of rows) {
  const cells = [name.slice('epoch '.length), more.n, value.toLocaleString('en-US'), percent(more.heldOut)];
  process.stdout.write(`| ${[...cells, percent(more.fixed)].join(' | ')} |\n`);
}

const points = rows.map(({ value, more }) => ({ cost: value, score: more.heldOut, label: `n ${more.n}` }));
const spec = viz.paretoFrontPlot(points, { scoreTitle: 'accuracy on held-out images (fraction correct)' });
await writeFile(image, await viz.renderSvg(spec));
