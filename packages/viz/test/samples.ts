/** Realistic data for every figure, the same at every run. */
import type { ActivePixelsRow } from '../src/figures/active-pixels-vs-threshold-plot.ts';
import type { ConfusionMatrixInput } from '../src/figures/confusion-matrix.ts';
import type { LayerEbops } from '../src/figures/ebops-by-layer.ts';
import type { ExploredPlanCost } from '../src/figures/explored-plans.ts';
import type { HistoryEpoch } from '../src/figures/history.ts';
import type { LayerOutput } from '../src/figures/layer-outputs-plot.ts';
import type { DiagramNode } from '../src/figures/network-diagram.ts';
import type { PruningStep } from '../src/figures/pruning-history.ts';
import type { TensorBits } from '../src/figures/quantization.ts';
import type { LayerSparsity } from '../src/figures/sparsity-by-layer.ts';
import {
  activePixelsVsThresholdPlot,
  confusionMatrix,
  ebopsByLayer,
  exploredPlans,
  type FigureOptions,
  history,
  latencyVsResources,
  layerOutputsPlot,
  networkDiagram,
  type ParetoPoint,
  type PlanCost,
  type ProfileEntry,
  paretoFrontPlot,
  profilePlot,
  pruningHistory,
  quantization,
  quantizationHeatmaps,
  type RocInput,
  reducedExamplesPlot,
  rocCurve,
  sparsityByLayer,
  summarizeValues,
  type VegaLiteSpec,
} from '../src/index.ts';
import { digitImages, digitLabels } from './digits.ts';
import { normal, random } from './random.ts';

export const digitClasses: readonly string[] = Array.from({ length: 10 }, (_, digit) => `${digit}`);

export const historySample: readonly HistoryEpoch[] = Array.from({ length: 60 }, (_, index): HistoryEpoch => {
  const next = random(100 + index);
  const fall = Math.exp(-index / 9);
  const ebops = 3200 + 21000 * Math.exp(-index / 14) + 150 * next();
  const n = Math.round(24 + 6 * Math.exp(-index / 8));
  const lossTask = 0.14 + 2.15 * fall + 0.02 * next();
  const lossEbops = ebops * 1e-5;
  const lossN = n * 4e-4;
  const lossMasked = 0.02 + 0.01 * fall;
  const accuracy = Math.min(0.985, 0.97 - 0.85 * fall + 0.01 * next());
  const late = index > 44 ? (index - 44) * 0.0016 : 0;
  return {
    epoch: index + 1,
    loss: lossTask + lossEbops + lossN + lossMasked,
    lossTask,
    lossEbops,
    lossN,
    lossMasked,
    valLoss: lossTask * 1.15 + 0.05 + late * 3,
    accuracy,
    valAccuracy: Math.round((accuracy - 0.025 - late - 0.012 * next()) * 360) / 360,
    n,
    threshold: 0.4 + 0.045 * (1 - Math.exp(-index / 12)),
    ebops,
    learningRate: 3e-3 * 0.5 * (1 + Math.cos((Math.PI * index) / 62)),
  };
});

const layerNames = ['conv1', 'conv2', 'dense1', 'dense2'] as const;
const kernels = { conv1: [5, 5, 1, 4], conv2: [3, 3, 4, 4], dense1: [196, 24], dense2: [24, 10] } as const;

function bits(seed: number, size: number, mean: number, pruned: number): number[] {
  const next = random(seed);
  return Array.from({ length: size }, () =>
    next() < pruned ? 0 : Math.max(1, Math.min(9, Math.round(mean + 1.1 * normal(next)))),
  );
}

export const tensorSample: readonly TensorBits[] = layerNames.flatMap((layer, index): TensorBits[] => {
  const shape = kernels[layer];
  const size = shape.reduce((a: number, b: number) => a * b, 1);
  const outputs = shape[shape.length - 1];
  return [
    { layer, role: 'weights', shape, bits: bits(index + 1, size, 3.6, [0.05, 0.2, 0.62, 0.15][index]) },
    { layer, role: 'bias', shape: [outputs], bits: bits(index + 11, outputs, 5, 0) },
    { layer, role: 'activations', shape: [outputs], bits: bits(index + 21, outputs, 5.5, index === 2 ? 0.1 : 0) },
  ];
});

export const ebopsSample: readonly LayerEbops[] = [
  { layer: 'conv1', ebops: 1184 },
  { layer: 'conv2', ebops: 2310 },
  { layer: 'dense1', ebops: 1507 },
  { layer: 'dense2', ebops: 640 },
];

export const sparsitySample: readonly LayerSparsity[] = [
  { layer: 'conv1', sparsity: 0.22, weights: 100 },
  { layer: 'conv2', sparsity: 0.375, weights: 144 },
  { layer: 'dense1', sparsity: 0.8122, weights: 4704 },
  { layer: 'dense2', sparsity: 0.425, weights: 240 },
];

export const pruningSample: readonly PruningStep[] = [
  { metric: 0.951, good: true, resource: 41000 },
  { metric: 0.947, good: true, resource: 30500 },
  { metric: 0.944, good: true, resource: 26800 },
  { metric: 0.921, good: false, resource: 21000 },
  { metric: 0.942, good: true, resource: 24900 },
];

export const answersSample: ConfusionMatrixInput & { readonly probabilities: readonly number[] } = (() => {
  const next = random(7);
  const actual = Array.from({ length: 360 }, (_, index) => index % 10);
  const probabilities = actual.flatMap((truth) => {
    const logits = digitClasses.map((_, index) => 1.25 * normal(next) + (index === truth ? 4.1 : 0));
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    return logits.map((logit) => Math.exp(logit) / sum);
  });
  const predicted = actual.map((_, sample) => {
    const row = probabilities.slice(sample * 10, sample * 10 + 10);
    return row.indexOf(Math.max(...row));
  });
  return { actual, predicted, probabilities };
})();

/** Five kinds of jets, told apart unequally well. */
export const jetSample: readonly RocInput[] = ['gluon', 'quark', 'W', 'Z', 'top'].map((name, index) => {
  const next = random(300 + index);
  const positive = Array.from({ length: 2000 }, (_, sample) => sample % 5 === index);
  const distance = [1.75, 1.65, 2.1, 2.0, 2.3][index];
  return { name, positive, scores: positive.map((truth) => normal(next) + (truth ? distance : 0)) };
});

export const activePixelsSample: readonly ActivePixelsRow[] = Array.from({ length: 50 }, (_, step): ActivePixelsRow => {
  const threshold = step / 50;
  const counts: number[] = [];
  for (let image = 0; image < digitLabels.length; image++) {
    counts.push(digitImages.subarray(image * 784, (image + 1) * 784).filter((value) => value > threshold).length);
  }
  counts.sort((a, b) => a - b);
  const at = (share: number) => counts[Math.round(share * (counts.length - 1))];
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  return { threshold, mean, min: at(0), max: at(1), p25: at(0.25), p50: at(0.5), p75: at(0.75) };
});

/** Average-pools channel maps by 2 and smooths them a little: looks like a network, needs none. */
export const layerOutputSample: ReadonlyMap<string, LayerOutput> = (() => {
  const next = random(5);
  const input = digitImages.slice(0, 784);
  const conv = (values: ArrayLike<number>, side: number, channels: number, reach: number) => {
    const out = new Float32Array(side * side * 4);
    const weights = Array.from({ length: 4 * channels * (2 * reach + 1) ** 2 }, () => normal(next));
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const here = (row * side + column) * channels;
        let active = false;
        for (let channel = 0; channel < channels; channel++) active ||= values[here + channel] !== 0;
        if (!active) continue;
        for (let filter = 0; filter < 4; filter++) {
          let sum = 0;
          let tap = filter * channels * (2 * reach + 1) ** 2;
          for (let dy = -reach; dy <= reach; dy++)
            for (let dx = -reach; dx <= reach; dx++)
              for (let channel = 0; channel < channels; channel++) {
                const [y, x] = [row + dy, column + dx];
                const inside = y >= 0 && x >= 0 && y < side && x < side;
                sum += (inside ? values[(y * side + x) * channels + channel] : 0) * weights[tap++];
              }
          out[(row * side + column) * 4 + filter] = Math.round(Math.max(0, sum) * 16) / 16;
        }
      }
    return out;
  };
  const pool = (values: Float32Array, side: number) => {
    const half = side / 2;
    const out = new Float32Array(half * half * 4);
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++)
        for (let channel = 0; channel < 4; channel++)
          out[((row >> 1) * half + (column >> 1)) * 4 + channel] += values[(row * side + column) * 4 + channel] / 4;
    return out;
  };
  const conv1 = conv(input, 28, 1, 2);
  const pool1 = pool(conv1, 28);
  const conv2 = conv(pool1, 14, 4, 1);
  const pool2 = pool(conv2, 14);
  const dense1 = Float32Array.from({ length: 24 }, () => Math.max(0, Math.round(normal(next) * 16) / 16));
  const logits = Float32Array.from(
    { length: 10 },
    (_, index) => Math.round((index === 0 ? 6 : 2 * normal(next)) * 8) / 8,
  );
  return new Map<string, LayerOutput>([
    ['input', { values: input, shape: [28, 28, 1] }],
    ['conv1', { values: conv1, shape: [28, 28, 4] }],
    ['pool1', { values: pool1, shape: [14, 14, 4] }],
    ['conv2', { values: conv2, shape: [14, 14, 4] }],
    ['pool2', { values: pool2, shape: [7, 7, 4] }],
    ['dense1', { values: dense1, shape: [24] }],
    ['dense2', { values: logits, shape: [10] }],
  ]);
})();

const single = (k: number, i: number, f: number) => ({ k: [k], i: [i], f: [f] });
const mixed = { k: [1, 1, 1, 1], i: [2, 3, 1, 2], f: [4, 5, 3, 4] };

export const diagramSample: readonly DiagramNode[] = [
  {
    name: 'image',
    op: 'input',
    inputs: [],
    shape: [28, 28, 1],
    format: single(0, 1, 7),
    round: 'RND',
    overflow: 'SAT',
    layer: 'input',
  },
  {
    name: 'reduce',
    op: 'reduce',
    inputs: ['image'],
    shape: [28, 28, 1],
    slots: 24,
    format: single(0, 1, 7),
    layer: 'input_reduce',
  },
  {
    name: 'conv1',
    op: 'sparseConv2d',
    inputs: ['reduce'],
    shape: [28, 28, 4],
    slots: 24,
    format: mixed,
    kernel: { shape: [5, 5, 1, 4] },
    layer: 'conv1',
  },
  { name: 'conv1_relu', op: 'relu', inputs: ['conv1'], shape: [28, 28, 4], slots: 24, format: mixed, layer: 'conv1' },
  {
    name: 'conv1_q',
    op: 'requantize',
    inputs: ['conv1_relu'],
    shape: [28, 28, 4],
    slots: 24,
    format: { ...mixed, k: [0, 0, 0, 0] },
    round: 'RND_CONV',
    overflow: 'SAT',
    layer: 'conv1',
  },
  {
    name: 'pool1',
    op: 'sparsePool2d',
    inputs: ['conv1_q'],
    shape: [14, 14, 4],
    slots: 24,
    format: mixed,
    pool: [2, 2],
    mode: 'avg',
    layer: 'pool1',
  },
  {
    name: 'pool1_q',
    op: 'requantize',
    inputs: ['pool1'],
    shape: [14, 14, 4],
    slots: 24,
    format: mixed,
    round: 'RND',
    overflow: 'WRAP',
    layer: 'pool1',
  },
  {
    name: 'conv2',
    op: 'sparseConv2d',
    inputs: ['pool1_q'],
    shape: [14, 14, 4],
    slots: 24,
    format: mixed,
    kernel: { shape: [3, 3, 4, 4] },
    layer: 'conv2',
  },
  { name: 'conv2_relu', op: 'relu', inputs: ['conv2'], shape: [14, 14, 4], slots: 24, format: mixed, layer: 'conv2' },
  {
    name: 'conv2_q',
    op: 'requantize',
    inputs: ['conv2_relu'],
    shape: [14, 14, 4],
    slots: 24,
    format: mixed,
    round: 'RND_CONV',
    overflow: 'SAT',
    layer: 'conv2',
  },
  {
    name: 'pool2',
    op: 'sparsePool2d',
    inputs: ['conv2_q'],
    shape: [7, 7, 4],
    slots: 24,
    format: mixed,
    pool: [2, 2],
    mode: 'avg',
    layer: 'pool2',
  },
  {
    name: 'pool2_q',
    op: 'requantize',
    inputs: ['pool2'],
    shape: [7, 7, 4],
    slots: 24,
    format: mixed,
    round: 'RND',
    overflow: 'WRAP',
    layer: 'pool2',
  },
  { name: 'flatten', op: 'sparseFlatten', inputs: ['pool2_q'], shape: [196], format: mixed, layer: 'flatten' },
  {
    name: 'dense1',
    op: 'dense',
    inputs: ['flatten'],
    shape: [24],
    format: mixed,
    kernel: { shape: [196, 24] },
    layer: 'dense1',
  },
  { name: 'dense1_relu', op: 'relu', inputs: ['dense1'], shape: [24], format: mixed, layer: 'dense1' },
  {
    name: 'dense1_q',
    op: 'requantize',
    inputs: ['dense1_relu'],
    shape: [24],
    format: mixed,
    round: 'RND_CONV',
    overflow: 'SAT',
    layer: 'dense1',
  },
  {
    name: 'dense2',
    op: 'dense',
    inputs: ['dense1_q'],
    shape: [10],
    format: single(1, 4, 6),
    kernel: { shape: [24, 10] },
    layer: 'dense2',
  },
];

/** A residual block: two ways through the network and a skip over several ranks. */
export const branchedDiagramSample: readonly DiagramNode[] = [
  { name: 'x', op: 'input', inputs: [], shape: [16], format: single(0, 1, 7) },
  {
    name: 'stem',
    op: 'dense',
    inputs: ['x'],
    shape: [16],
    format: single(1, 4, 6),
    kernel: { shape: [16, 16] },
    layer: 'stem',
  },
  {
    name: 'left',
    op: 'dense',
    inputs: ['stem'],
    shape: [16],
    format: single(1, 4, 6),
    kernel: { shape: [16, 16] },
    layer: 'left',
  },
  {
    name: 'right',
    op: 'dense',
    inputs: ['stem'],
    shape: [16],
    format: single(1, 4, 6),
    kernel: { shape: [16, 16] },
    layer: 'right',
  },
  { name: 'left_relu', op: 'relu', inputs: ['left'], shape: [16], format: single(0, 4, 6), layer: 'left' },
  { name: 'join', op: 'add', inputs: ['left_relu', 'right'], shape: [16], format: single(1, 5, 6), layer: 'join' },
  { name: 'out', op: 'add', inputs: ['join', 'stem'], shape: [16], format: single(1, 6, 6), layer: 'out' },
];

export const paretoSample: readonly ParetoPoint[] = ['learned n', 'n = 24'].flatMap((group, which) =>
  Array.from({ length: 40 }, (_, index): ParetoPoint => {
    const next = random(1000 * which + index);
    const cost = 900 * 1.09 ** index * (0.8 + 0.4 * next());
    const score = 0.955 - 0.4 / (1 + cost / 1100) - 0.03 * next() + (which === 0 ? 0.008 : 0);
    return {
      cost,
      score,
      group,
      label: index % 9 === 0 ? `β ${(10 ** (-4 - index / 20)).toExponential(0)}` : undefined,
    };
  }),
);

export const planSample: readonly PlanCost[] = [
  {
    name: 'latency, fully parallel',
    latency: { value: 41, low: 35, high: 48 },
    lut: { value: 21400, low: 18000, high: 26000 },
    ff: 9800,
    dsp: 12,
    bram: 0,
  },
  {
    name: 'reuse factor 2',
    latency: { value: 63, low: 55, high: 72 },
    lut: { value: 14900, low: 12500, high: 18100 },
    ff: 8300,
    dsp: 8,
    bram: 2,
  },
  {
    name: 'reuse factor 8',
    latency: { value: 180, low: 160, high: 205 },
    lut: { value: 8200, low: 6900, high: 10100 },
    ff: 6100,
    dsp: 3,
    bram: 5,
  },
  {
    name: 'stream',
    latency: { value: 905, low: 850, high: 960 },
    lut: { value: 4300, low: 3600, high: 5200 },
    ff: 3900,
    dsp: 2,
    bram: 9,
  },
];

export const exploredSample: readonly ExploredPlanCost[] = Array.from({ length: 18 }, (_, index): ExploredPlanCost => {
  const next = random(900 + index);
  const latency = Math.round(30 * 1.25 ** index * (1 + 0.3 * next()));
  const lut = Math.round((180_000 / 1.2 ** index) * (1 + 0.5 * next()));
  return {
    name: index === 0 ? 'default' : `small, interval ${latency}`,
    latency,
    lut,
    ff: Math.round(lut * 0.4),
    dsp: index % 5,
    bram: index > 9 ? index : 0,
    dominated: index % 4 === 2,
  };
});

export const profileSample: readonly ProfileEntry[] = layerNames.flatMap((layer, index): ProfileEntry[] => {
  const next = random(index + 50);
  const weights = Array.from({ length: 300 }, () => (next() < 0.2 ? 0 : normal(next) * 0.4));
  const outputs = Array.from({ length: 500 }, () => Math.max(0, normal(next) * 2));
  return [
    { name: `${layer} weights`, values: summarizeValues(weights), format: { k: 1, i: 1, f: 5 } },
    {
      name: `${layer} output`,
      values: summarizeValues(outputs),
      format: { k: 0, i: index === 1 ? 1 : 3, f: 4 },
      overflow: index === 1 ? 41 : 0,
    },
  ];
});

/** Every figure from its sample, by file name. */
export const figures: Readonly<Record<string, (options?: FigureOptions) => VegaLiteSpec>> = {
  history: (options) => history(historySample, options),
  'reduced-examples-plot': (options) =>
    reducedExamplesPlot(
      {
        images: digitImages,
        shape: [28, 28, 1],
        n: 20,
        threshold: 0.5,
        labels: digitLabels.map((label) => `digit ${label}`),
      },
      options,
    ),
  quantization: (options) => quantization(tensorSample, options),
  'quantization-heatmaps': (options) =>
    quantizationHeatmaps(
      tensorSample.filter(({ role }) => role === 'weights'),
      { limit: 50, ...options },
    ),
  'ebops-by-layer': (options) => ebopsByLayer(ebopsSample, options),
  'sparsity-by-layer': (options) => sparsityByLayer(sparsitySample, options),
  'pruning-history': (options) =>
    pruningHistory(pruningSample, { baseline: 0.95, limit: 0.9405, resourceBefore: 68000, ...options }),
  'confusion-matrix': (options) => confusionMatrix({ ...answersSample, classes: digitClasses }, options),
  'network-diagram': (options) => networkDiagram(diagramSample, options),
  'network-diagram-branched': (options) => networkDiagram(branchedDiagramSample, options),
  'active-pixels-vs-threshold-plot': (options) =>
    activePixelsVsThresholdPlot(activePixelsSample, { threshold: 0.41, n: 24, ...options }),
  'layer-outputs-plot': (options) => layerOutputsPlot(layerOutputSample, options),
  'pareto-front-plot': (options) => paretoFrontPlot(paretoSample, options),
  'roc-curve': (options) => rocCurve(jetSample, options),
  'roc-curve-log': (options) => rocCurve(jetSample, { scale: 'log', ...options }),
  'profile-plot': (options) => profilePlot(profileSample, options),
  'latency-vs-resources': (options) => latencyVsResources(planSample, options),
  'explored-plans': (options) => exploredPlans(exploredSample, { named: ['default'], ...options }),
};
