// Draws the figures of the gallery, in both themes, from a run folder of the example:
//   npm start && node docs/scripts/gallery.mjs runs/digits
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { estimate, plan } from '@sp/hls';
import { collectInputReduces, layerOutputs, loadModel, setBackend } from '@sp/layers';
import { decode, interpret, loadGraph } from '@sp/quant';
import {
  activePixelsVsThreshold,
  ebopsTable,
  loadDigits,
  predictAll,
  quantizationTable,
  reducedExamples,
  setSparseEbopsFactor,
  sliceImages,
} from '@sp/train';
import * as viz from '@sp/viz';
import { renderPng } from '@sp/viz/png';
import * as tf from '@tensorflow/tfjs';

const run = process.argv[2];
if (run === undefined) throw new Error('usage: node docs/scripts/gallery.mjs RUN_FOLDER');
const images = join(dirname(fileURLToPath(import.meta.url)), '..', 'images');
const classes = Array.from({ length: 10 }, (_, digit) => `${digit}`);

await setBackend('auto');
const model = await loadModel(join(run, 'model'));
const graph = loadGraph({
  json: await readFile(join(run, 'graph.json'), 'utf8'),
  weights: new Uint8Array(await readFile(join(run, 'graph.bin'))),
});
const record = JSON.parse(await readFile(join(run, 'run.json'), 'utf8'));
const { train, test } = await loadDigits();
setSparseEbopsFactor(model);

const [{ nMaxPixels: n, threshold }] = collectInputReduces(model);
const epochs = record.history;
const tensors = quantizationTable(model).filter(({ layer }) => layer !== 'pixels');
const actual = [...test.labels];
const probabilities = softmaxRows(predictAll(model, test), classes.length);
const predicted = actual.map((_, j) => largest(probabilities.slice(j * classes.length, (j + 1) * classes.length)));
const one = tf.tensor(sliceImages(test, 0, 1).images, [1, ...test.shape], 'float32');
const outputs = layerOutputs(model, one);
const shown = ['reduce', 'conv1', 'pool1', 'conv2', 'pool2', 'dense1', 'dense2'];

const figures = {
  'active-pixels': (theme) => viz.activePixelsVsThresholdPlot(activePixelsVsThreshold(train), { n, threshold, theme }),
  'reduced-examples': (theme) => viz.reducedExamplesPlot(reducedExamples(test, { n, threshold }), { theme }),
  history: (theme) => viz.history(epochs, { bestEpoch: record.bestEpoch, theme }),
  'pareto-front': (theme) =>
    viz.paretoFrontPlot(
      epochs.map(({ ebops, accuracy }) => ({ cost: ebops, score: accuracy })),
      { scoreTitle: 'training accuracy (fraction correct)', theme },
    ),
  'confusion-matrix': (theme) => viz.confusionMatrix({ actual, predicted, classes }, { theme }),
  'roc-curve': (theme) => viz.rocCurve(viz.oneVersusRest(probabilities, actual, classes), { scale: 'log', theme }),
  'network-diagram': (theme) => viz.networkDiagram(graph.nodes, { theme }),
  'layer-outputs': (theme) =>
    viz.layerOutputsPlot(new Map([...outputs].filter(([layer]) => shown.includes(layer))), { theme }),
  'ebops-by-layer': (theme) => viz.ebopsByLayer(ebopsTable(model), { theme }),
  quantization: (theme) => viz.quantization(tensors, { theme }),
  'quantization-heatmaps': (theme) =>
    viz.quantizationHeatmaps(
      tensors.filter(({ role }) => role === 'weights'),
      { theme },
    ),
  profile: (theme) => viz.profilePlot(profileEntries(), { theme }),
  'latency-vs-resources': (theme) => viz.latencyVsResources(planCosts(), { theme }),
};

await mkdir(images, { recursive: true });
// The map of thousands of weights is smaller in pixels; the front page may be shown where SVG is not.
const [onlyPng, alsoPng] = ['quantization-heatmaps', 'reduced-examples'];
for (const [name, draw] of Object.entries(figures)) {
  for (const [theme, file] of [
    ['light', name],
    ['dark', `${name}-dark`],
  ]) {
    const svg = await viz.renderSvg(draw(theme));
    if (name !== onlyPng) await writeFile(join(images, `${file}.svg`), svg);
    if (name === onlyPng || file === alsoPng) await writeFile(join(images, `${file}.png`), renderPng(svg));
  }
}

/** Values of every node on 50 test images against the widest format among its elements. */
function profileEntries() {
  const { values, overflow } = interpret(graph, sliceImages(test, 0, 50).images, { taps: 'all', countOverflow: true });
  return graph.nodes
    .filter(({ op }) => op !== 'relu' && op !== 'sparseFlatten')
    .map((node) => ({
      name: node.name,
      values: viz.summarizeValues(decode(node, values.get(node.name))),
      format: { k: Math.max(...node.format.k), i: Math.max(...node.format.i), f: Math.max(...node.format.f) },
      overflow: overflow.get(node.name),
    }));
}

/** The same network, built in different ways. */
function planCosts() {
  const dense = graph.nodes.filter(({ op }) => op === 'dense').map(({ name }) => name);
  const reuse = (reuseFactor) => Object.fromEntries(dense.map((name) => [name, { reuseFactor }]));
  const configs = {
    default: {},
    'prefix reduction': { layerType: { reduce: { variant: 'prefix' } } },
    'stream reduction': { layerType: { reduce: { variant: 'stream' } } },
    'half the slots at once': { model: { pixelParallelFactor: n / 2 } },
    'reuse factor 4': { layerName: reuse(4) },
  };
  return Object.entries(configs).map(([name, config]) => {
    const { latency, lut, ff, dsp, ranges } = estimate(plan(graph, config));
    return {
      name,
      latency: { value: latency, ...ranges.latency },
      lut: { value: lut, ...ranges.lut },
      ff: { value: ff, ...ranges.ff },
      dsp: { value: dsp, ...ranges.dsp },
    };
  });
}

function softmaxRows(logits, width) {
  return Array.from(logits, (_, index) => {
    const start = index - (index % width);
    const row = logits.subarray(start, start + width);
    const most = Math.max(...row);
    return Math.exp(logits[index] - most) / row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  });
}

function largest(row) {
  return row.indexOf(Math.max(...row));
}
