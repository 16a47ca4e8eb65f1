// Prints the table of docs/guides/search.md and draws its picture from a study of digits and the measurements of the networks of docs/pareto.md:
//   npm run bench -- pareto --json pareto.json && node docs/scripts/search.mjs runs/digits pareto.json
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStudy, paretoTrials } from '@sp/search';
import * as viz from '@sp/viz';

const [folder, file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node docs/scripts/search.mjs STUDY PARETO.json');
const image = join(dirname(fileURLToPath(import.meta.url)), '..', 'images', 'search-digits.svg');

const before = JSON.parse(await readFile(file, 'utf8')).rows.filter(({ group }) => group === 'pareto');
const study = await openStudy(folder, null);
const { trials, settings } = study;
await study.close();

/** Below, a network is of no use. */
const least = 0.85;
const found = trials.filter(({ state, metrics }) => state === 'finished' && metrics.valAccuracy >= least);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const number = (value) => value.toLocaleString('en-US');
process.stdout.write(
  '| Trial | Accuracy, 289 held-out images | LUT | Latency, cycles | Interval | n | Dominates of 13 |\n',
);
process.stdout.write('|--:|--:|--:|--:|--:|--:|--:|\n');
const front = paretoTrials(found, settings).sort((a, b) => a.metrics.valAccuracy - b.metrics.valAccuracy);
for (const { number: trial, metrics } of front) {
  const { valAccuracy, lut, latency, interval, n } = metrics;
  const beaten = before.filter(
    ({ more }) => valAccuracy >= more.heldOut && lut < more.lut && latency < more.latency,
  ).length;
  const cells = [trial, percent(valAccuracy), number(lut), latency, interval, n, beaten];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

const points = [
  ...found.map(({ metrics }) => ({ cost: metrics.lut, score: metrics.valAccuracy, group: 'the study' })),
  ...before.map(({ more }) => ({ cost: more.lut, score: more.heldOut, group: 'one training with rising β' })),
];
const spec = viz.paretoFrontPlot(points, {
  costTitle: 'LUT (estimated)',
  scoreTitle: 'accuracy on held-out images (fraction correct)',
});
await writeFile(image, await viz.renderSvg(spec));
