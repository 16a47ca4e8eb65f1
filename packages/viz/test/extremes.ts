/** Odd but legal data: one of everything, nothing but zeros, far too much. */

import type { DiagramNode } from '../src/figures/network-diagram.ts';
import type { TensorBits } from '../src/figures/quantization.ts';
import {
  activePixelsVsThresholdPlot,
  confusionMatrix,
  ebopsByLayer,
  history,
  latencyVsResources,
  layerOutputsPlot,
  networkDiagram,
  paretoFrontPlot,
  profilePlot,
  pruningHistory,
  quantization,
  quantizationHeatmaps,
  reducedExamplesPlot,
  rocCurve,
  sparsityByLayer,
  type VegaLiteSpec,
} from '../src/index.ts';
import { random } from './random.ts';

const chain = (length: number): readonly DiagramNode[] =>
  Array.from({ length }, (_, index) => ({
    name: `node_${index}`,
    op: index === 0 ? 'input' : 'requantize',
    // Every fifth node also takes a value from far above.
    inputs:
      index === 0
        ? []
        : index % 5 === 4
          ? [`node_${index - 1}`, `node_${Math.max(0, index - 13)}`]
          : [`node_${index - 1}`],
    shape: [4],
    layer: `layer_${Math.floor(index / 3)}`,
  }));

const many = (length: number, seed: number): number[] => {
  const next = random(seed);
  return Array.from({ length }, next);
};

const layers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `stage_${index}/a_very_long_name_as_nested_scopes_make_them/q_conv2d`);

const tensor = (layer: string): TensorBits => ({
  layer,
  role: 'weights',
  shape: [3, 3, 1, 2],
  bits: many(18, layer.length).map((x) => Math.floor(9 * x)),
});

export const extremes: Readonly<Record<string, () => VegaLiteSpec>> = {
  'history of one epoch': () => history([{ loss: 1.5, accuracy: 0.4, n: 30 }]),
  'history without change': () => history([1, 2, 3].map(() => ({ loss: 1, n: 24, threshold: 0, ebops: 0, lossN: 0 }))),
  'history of 5000 epochs': () =>
    history(
      many(5000, 1).map((value, epoch) => ({ loss: 3 / (1 + epoch) + value / 50, valAccuracy: 1 - 1 / (2 + epoch) })),
    ),
  'history with gaps': () =>
    history([
      { loss: 2 },
      { loss: Number.NaN, valAccuracy: 0.5 },
      { loss: 1, valAccuracy: undefined },
      { loss: 0.5, valAccuracy: 0.25 },
    ]),
  'blank images': () => reducedExamplesPlot({ images: new Float32Array(64), shape: [4, 8], n: 3, threshold: 0 }),
  'one full image': () =>
    reducedExamplesPlot({ images: many(63 * 63, 2), shape: [63, 63, 1], n: 900, threshold: 0.2, labels: ['jet'] }),
  'a full image of 512 × 512': () =>
    reducedExamplesPlot({ images: many(512 * 512, 2), shape: [512, 512], n: 900, threshold: 0.2 }),
  'a map of 256 × 256': () =>
    layerOutputsPlot(new Map([['conv', { values: many(512 * 256, 4).map((x) => x - 0.5), shape: [256, 256, 2] }]])),
  'a single tensor of one wide element': () => quantization([{ layer: 'a', role: 'weights', shape: [1], bits: [48] }]),
  'a network pruned away': () =>
    quantization([
      { layer: 'q_conv2d_sparse_1', role: 'weights', shape: [3, 3, 1, 2], bits: [0] },
      { layer: 'q_dense', role: 'activations', shape: [7], bits: [-2] },
    ]),
  'heat maps of all kinds of shapes': () =>
    quantizationHeatmaps([
      { layer: 'scalar', role: 'activations', shape: [], bits: [3] },
      { layer: 'vector', role: 'bias', shape: [64], bits: many(64, 3).map((x) => 8 * x) },
      { layer: 'map', role: 'activations', shape: [7, 7, 3], bits: many(147, 4).map((x) => 8 * x) },
      { layer: 'big', role: 'weights', shape: [784, 128], bits: many(784 * 128, 5).map((x) => 8 * x) },
      { layer: 'conv', role: 'weights', shape: [7, 7, 1, 16], bits: many(784, 6).map((x) => 8 * x) },
      { layer: 'wide', role: 'weights', shape: [3, 3, 32, 64], bits: many(18432, 6).map((x) => 8 * x) },
    ]),
  'zeros of everything': () => sparsityByLayer([{ layer: 'only', sparsity: 1, weights: 0 }]),
  'a pruning of one bad step of nothing': () => pruningHistory([{ metric: 0, good: false, resource: 0 }]),
  'a pruning without measure': () =>
    pruningHistory([
      { metric: 1e100, good: true, resource: 1e100 },
      { metric: null, good: false, resource: 0 },
    ]),
  'EBOPs of nothing': () => ebopsByLayer([{ layer: 'only', ebops: 0 }]),
  'EBOPs without measure': () => ebopsByLayer([{ layer: 'only', ebops: 1e100 }]),
  'EBOPs of long names': () =>
    ebopsByLayer([
      { layer: 'a_rather_long_layer_name_from_a_scope', ebops: 12345678 },
      { layer: 'b', ebops: 3 },
    ]),
  'one class': () => confusionMatrix({ actual: [0, 0], predicted: [0, 0] }),
  'forty classes': () =>
    confusionMatrix({
      actual: Array.from({ length: 4000 }, (_, index) => index % 40),
      predicted: many(4000, 7).map((x, index) => (x < 0.8 ? index % 40 : Math.floor(x * 997) % 40)),
    }),
  'a hundred classes': () =>
    confusionMatrix({
      actual: Array.from({ length: 5000 }, (_, index) => index % 100),
      predicted: many(5000, 9).map((x, index) => (x < 0.7 ? index % 100 : Math.floor(x * 9973) % 100)),
    }),
  'curves of a hundred classes': () =>
    rocCurve(
      Array.from({ length: 100 }, (_, index) => ({
        name: `class ${index}`,
        scores: many(200, index).map((x, sample) => x + (sample % 2) * (index / 100)),
        positive: Array.from({ length: 200 }, (_, sample) => sample % 2),
      })),
    ),
  'forty layers of long names': () => quantization(layers(40).map((layer) => tensor(layer))),
  'heat maps of forty layers': () => quantizationHeatmaps(layers(40).map((layer) => tensor(layer))),
  'EBOPs of forty layers': () => ebopsByLayer(layers(40).map((layer, index) => ({ layer, ebops: 1000 * index }))),
  'outputs of forty layers': () =>
    layerOutputsPlot(new Map(layers(40).map((layer) => [layer, { values: many(64, 3), shape: [4, 4, 4] }]))),
  'profiles of forty layers': () =>
    profilePlot(
      layers(40).map((name) => ({
        name,
        values: { count: 10, zeros: 1, magnitudes: [0.1, 0.2, 0.3, 0.4, 0.5] },
        format: { k: 0, i: 1, f: 5 },
      })),
    ),
  'a diagram of long names': () =>
    networkDiagram(
      layers(6).map((name, index, all) => ({
        name,
        op: index === 0 ? 'input' : 'relu',
        inputs: index === 0 ? [] : [all[index - 1]],
        shape: [4],
        layer: name,
      })),
    ),
  'classes with long names': () =>
    confusionMatrix({ actual: [0, 1, 2], predicted: [0, 1, 1], classes: ['gluon jet', 'light quark', 'vector boson'] }),
  'a long chain with skips': () => networkDiagram(chain(40)),
  'one node': () => networkDiagram([{ name: 'x', op: 'input', inputs: [], shape: [] }]),
  'two thresholds': () =>
    activePixelsVsThresholdPlot(
      [0.5, 0.25].map((threshold) => ({ threshold, mean: 3, min: 1, max: 7, p25: 2, p50: 3, p75: 4 })),
      { n: 3 },
    ),
  'dead layers': () =>
    layerOutputsPlot(
      new Map([
        ['conv', { values: new Float32Array(2 * 75 * 12), shape: [5, 15, 12] }],
        ['dense', { values: new Float32Array(600), shape: [300] }],
      ]),
      { image: 1 },
    ),
  'costs at both ends of what an axis can show': () =>
    paretoFrontPlot([
      { cost: 1e-100, score: 0, label: 'a label that needs room' },
      { cost: 1e100, score: 1 },
    ]),
  'costs too small for a logarithm': () =>
    paretoFrontPlot([
      { cost: 1e-320, score: 0 },
      { cost: 1, score: 1 },
    ]),
  'a history from 1e-100 to 1e100, and beyond': () =>
    history([{ loss: 1e-100, ebops: 1e99 }, { loss: 1e100, ebops: 1 }, { loss: 1e306 }, { loss: 5e-324 }]),
  'latencies at both ends of what an axis can show': () =>
    latencyVsResources([
      { name: 'a', latency: 1e-100, lut: 1e100 },
      { name: 'b', latency: 1e100, lut: 1 },
    ]),
  'one network': () => paretoFrontPlot([{ cost: 0, score: 0.5, label: 'the only one' }]),
  'ten thousand networks': () =>
    paretoFrontPlot(many(10000, 8).map((x, index) => ({ cost: 1 + index, score: x, group: `run ${index % 9}` }))),
  'a perfect and a hopeless score': () =>
    rocCurve([
      { name: 'perfect', scores: [1, 1, 0], positive: [1, 1, 0] },
      { name: 'constant', scores: [0, 0, 0], positive: [1, 0, 0] },
    ]),
  'a perfect score on a log scale': () =>
    rocCurve([{ name: 'perfect', scores: [1, 1, 0], positive: [1, 1, 0] }], { scale: 'log' }),
  'values without types': () =>
    profilePlot([
      { name: 'all zero', values: { count: 5, zeros: 5 } },
      {
        name: 'pruned',
        values: { count: 5, zeros: 0, magnitudes: [1, 1, 1, 1, 1] },
        format: { k: 0, i: 0, f: 0 },
        overflow: 5,
      },
    ]),
  'one plan': () => latencyVsResources([{ name: 'only', latency: 0, dsp: 0 }]),
  'twelve plans': () =>
    latencyVsResources(
      Array.from({ length: 12 }, (_, index) => ({
        name: `reuse factor ${2 ** index}`,
        latency: 20 * 2 ** index,
        lut: 1e6 / 2 ** index,
        bram: index,
      })),
    ),
  'history of 1000 epochs with all terms': () =>
    history(
      many(1000, 11).map((value, epoch) => ({
        loss: 2 / (1 + epoch / 50) + value / 20,
        lossTask: 1.8 / (1 + epoch / 50) + value / 20,
        lossEbops: 0.1 / (1 + epoch / 400),
        lossN: 0.02,
        accuracy: 1 - 0.9 / (1 + epoch / 30),
        valAccuracy: 1 - 0.95 / (1 + epoch / 30) - value / 50,
        n: 48 - Math.floor(epoch / 100),
        threshold: 0.4 - epoch / 5000,
        ebops: 1e6 / (1 + epoch / 100),
        learningRate: 5e-3 * (1 - epoch / 1000),
      })),
      { bestEpoch: 977 },
    ),
  'twenty classes': () =>
    confusionMatrix({
      actual: Array.from({ length: 2000 }, (_, index) => index % 20),
      predicted: many(2000, 12).map((x, index) => (x < 0.85 ? index % 20 : Math.floor(x * 997) % 20)),
    }),
  'curves of twenty classes': () =>
    rocCurve(
      Array.from({ length: 20 }, (_, index) => ({
        name: `class ${index}`,
        scores: many(300, index + 1).map((x, sample) => x + (sample % 2) * (index / 20)),
        positive: Array.from({ length: 300 }, (_, sample) => sample % 2),
      })),
    ),
  'examples of twenty classes': () =>
    reducedExamplesPlot({
      images: many(20 * 256, 13).map((x) => (x < 0.9 ? 0 : x)),
      shape: [16, 16, 1],
      n: 12,
      threshold: 0.92,
      labels: Array.from({ length: 20 }, (_, index) => `class ${index}`),
    }),
  'outputs from 1e-9 to 1e9': () =>
    layerOutputsPlot(
      new Map([
        ['tiny', { values: many(64, 14).map((x) => (x - 0.5) * 1e-9), shape: [8, 8, 1] }],
        ['huge', { values: many(64, 15).map((x) => x * 1e9), shape: [8, 8, 1] }],
        ['both', { values: many(64, 16).map((x, j) => (j % 2 ? x * 1e9 : -x * 1e-9)), shape: [8, 8, 1] }],
        ['vector', { values: many(20, 17).map((x) => x * 1e9), shape: [20] }],
      ]),
    ),
  'profiles from 1e-9 to 1e9': () =>
    profilePlot(
      [1e-9, 1, 1e9].map((scale) => ({
        name: `times ${scale}`,
        values: {
          count: 100,
          zeros: 0,
          magnitudes: [0.1 * scale, 0.2 * scale, 0.3 * scale, 0.4 * scale, 0.5 * scale],
        },
        format: { k: 1, i: Math.ceil(Math.log2(scale)), f: 9 - Math.ceil(Math.log2(scale)) },
      })),
    ),
  'costs from 1e-9 to 1e9': () =>
    paretoFrontPlot([
      { cost: 1e-9, score: 0.25, label: 'n 1' },
      { cost: 2e-9, score: 0.26, label: 'n 2' },
      { cost: 1, score: 0.5, label: 'n 10' },
      { cost: 9.9e8, score: 0.75, label: 'n 99' },
      { cost: 1e9, score: 0.76, label: 'n 100' },
    ]),
  'thresholds from 1e-9 to 1e9': () =>
    activePixelsVsThresholdPlot(
      Array.from({ length: 19 }, (_, j) => {
        const most = 19 - j;
        return {
          threshold: 10 ** (j - 9),
          mean: most,
          min: 0,
          max: 2 * most,
          p25: most / 2,
          p50: most,
          p75: 1.5 * most,
        };
      }),
      { n: 12, threshold: 1e-3 },
    ),
  'plans from 1e-9 to 1e9': () =>
    latencyVsResources([
      { name: 'small', latency: 1e-9, lut: 1e9, ff: 1e-9 },
      { name: 'large', latency: 1e9, lut: 1e-9, ff: 1e9 },
    ]),
  'tensors of ten bits': () =>
    quantization([
      { layer: 'conv1', role: 'weights', shape: [5, 5, 2, 4], bits: many(200, 18).map((x) => Math.floor(11 * x)) },
      { layer: 'conv1', role: 'activations', shape: [64, 64, 2], bits: many(8192, 19).map((x) => Math.floor(11 * x)) },
      { layer: 'dense', role: 'weights', shape: [20, 3], bits: many(60, 20).map(() => 10) },
    ]),
  'heat maps of ten bits': () =>
    quantizationHeatmaps([
      { layer: 'conv1', role: 'weights', shape: [5, 5, 2, 4], bits: many(200, 18).map((x) => Math.floor(11 * x)) },
      { layer: 'dense', role: 'weights', shape: [20, 3], bits: many(60, 20).map(() => 10) },
    ]),
  'one class, one curve': () => rocCurve([{ name: 'only', scores: [0.5, 0.25], positive: [1, 0] }]),
};
