import { describe, expect, it } from 'vitest';
import { figures } from '../../test/samples.ts';
import {
  activePixelsVsThresholdPlot,
  confusionMatrix,
  ebopsByLayer,
  exploredPlans,
  FigureError,
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
  type ThemeName,
  type VegaLiteSpec,
} from '../index.ts';

const nan = Number.NaN;
const row = { threshold: 0, mean: 1, min: 1, max: 1, p25: 1, p50: 1, p75: 1 };
const sizes = [1, 1, 1, 1, 1] as const;
const explored = { name: 'a', latency: 1, lut: 1, ff: 1, dsp: 1, bram: 1, dominated: false };

/** What cannot be drawn, and the whole message about it. */
const refusals: Readonly<Record<string, readonly [draw: () => unknown, message: string]>> = {
  'no threshold': [
    () => activePixelsVsThresholdPlot([]),
    'activePixelsVsThresholdPlot: rows has 0 thresholds; pass at least two',
  ],
  'a mean that is not a number': [
    () => activePixelsVsThresholdPlot([row, { ...row, threshold: 1, mean: nan }]),
    'activePixelsVsThresholdPlot: mean at threshold 1 is NaN; pass a finite number',
  ],
  'a chosen threshold that is not a number': [
    () => activePixelsVsThresholdPlot([row, { ...row, threshold: 1 }], { threshold: nan }),
    'activePixelsVsThresholdPlot: threshold is NaN; pass a finite number',
  ],
  'no example': [
    () => reducedExamplesPlot([]),
    'reducedExamplesPlot: the list of examples is empty; pass at least one entry',
  ],
  'no image': [
    () => reducedExamplesPlot({ images: [], shape: [2, 2], n: 1, threshold: 0 }),
    'reducedExamplesPlot: images is empty; pass at least one entry',
  ],
  'a pixel that is not a number': [
    () => reducedExamplesPlot({ images: [1, nan, 1, 1], shape: [2, 2], n: 1, threshold: 0 }),
    'reducedExamplesPlot: pixel 1 of image 0 is NaN; pass a finite number',
  ],
  'a pixel of an example that is not a number': [
    () => reducedExamplesPlot([{ height: 1, width: 1, pixels: [nan], kept: [], dropped: [] }]),
    'reducedExamplesPlot: pixel 0 of example 0 is NaN; pass a finite number',
  ],
  'no epoch': [() => history([]), 'history: epochs is empty; pass at least one entry'],
  'epochs without a number': [
    () => history([{ loss: nan }]),
    'history: epochs hold no numbers besides the epoch; record at least the loss',
  ],
  'an epoch that is not a number': [
    () => history([{ epoch: nan, loss: 1 }]),
    'history: epoch of entry 0 is NaN; pass a finite number',
  ],
  'a loss that no axis can show': [
    () => history([{ loss: 1.79e308 }]),
    'history: epochs hold no numbers besides the epoch; record at least the loss',
  ],
  'no tensor': [() => quantization([]), 'quantization: tensors is empty; pass at least one entry'],
  'a width that is not a number': [
    () => quantization([{ layer: 'a', role: 'weights', shape: [1], bits: [nan] }]),
    "quantization: bits of weights of layer 'a' is NaN; pass a finite number",
  ],
  'no tensor in the heat maps': [
    () => quantizationHeatmaps([]),
    'quantizationHeatmaps: tensors is empty; pass at least one entry',
  ],
  'a width in the heat maps that is not a number': [
    () => quantizationHeatmaps([{ layer: 'a', role: 'weights', shape: [1], bits: [nan] }]),
    "quantizationHeatmaps: bits of weights of layer 'a' is NaN; pass a finite number",
  ],
  'no layer with EBOPs': [() => ebopsByLayer([]), 'ebopsByLayer: layers is empty; pass at least one entry'],
  'EBOPs that are not a number': [
    () => ebopsByLayer([{ layer: 'a', ebops: nan }]),
    "ebopsByLayer: ebops of layer 'a' is NaN; pass a finite number",
  ],
  'EBOPs whose sum would overflow': [
    () => ebopsByLayer(['a', 'b'].map((layer) => ({ layer, ebops: 1.7e308 }))),
    "ebopsByLayer: ebops of layer 'a' is 1.7e+308, too large for an axis; pass a number of at most 1e+100 in size",
  ],
  'no layer with zeros': [() => sparsityByLayer([]), 'sparsityByLayer: layers is empty; pass at least one entry'],
  'more zeros than weights': [
    () => sparsityByLayer([{ layer: 'a', sparsity: 1.5 }]),
    "sparsityByLayer: sparsity of layer 'a' is 1.5; give a share between 0 and 1",
  ],
  'half a weight': [
    () => sparsityByLayer([{ layer: 'a', sparsity: 1, weights: 0.5 }]),
    "sparsityByLayer: weights of layer 'a' is 0.5; give a whole number",
  ],
  'no step of a pruning': [() => pruningHistory([]), 'pruningHistory: steps is empty; pass at least one entry'],
  'steps of a pruning without a number': [
    () => pruningHistory([{ metric: null, good: false, resource: 1 }]),
    'pruningHistory: steps hold no metric; pass at least one step with a number',
  ],
  'a resource below nothing': [
    () => pruningHistory([{ metric: 1, good: true, resource: -1 }]),
    'pruningHistory: resource of step 1 is -1; give zero or more',
  ],
  'a baseline that is not a number': [
    () => pruningHistory([{ metric: 1, good: true, resource: 1 }], { baseline: nan }),
    'pruningHistory: baseline is NaN; pass a finite number',
  ],
  'no point': [() => paretoFrontPlot([]), 'paretoFrontPlot: points is empty; pass at least one entry'],
  'a cost beyond every axis': [
    () =>
      paretoFrontPlot([
        { cost: 1e306, score: 1 },
        { cost: 1, score: 0 },
      ]),
    'paretoFrontPlot: cost of point 0 is 1e+306, too large for an axis; pass a number of at most 1e+100 in size',
  ],
  'a cost below every logarithmic axis': [
    () => paretoFrontPlot([{ cost: 1e-320, score: 1 }], { costScale: 'log' }),
    "paretoFrontPlot: cost is 1e-320; give costs of at least 1e-100 or costScale: 'linear'",
  ],
  'a score that is not a number': [
    () => paretoFrontPlot([{ cost: 1, score: nan }]),
    'paretoFrontPlot: score of point 0 is NaN; pass a finite number',
  ],
  'no layer': [() => layerOutputsPlot(new Map()), 'layerOutputsPlot: layers is empty; pass at least one entry'],
  'an activation that is not a number': [
    () => layerOutputsPlot(new Map([['a', { values: [nan], shape: [1] }]])),
    "layerOutputsPlot: a value of layer 'a' is NaN; pass a finite number",
  ],
  'no profilePlot': [() => profilePlot([]), 'profilePlot: entries is empty; pass at least one entry'],
  'a size that is not a number': [
    () => profilePlot([{ name: 'a', values: { count: 5, zeros: 0, magnitudes: [nan, 1, 1, 1, 1] } }]),
    "profilePlot: magnitudes of 'a' hold NaN; give finite positive sizes of non-zero values",
  ],
  'a size without end': [
    () =>
      profilePlot([{ name: 'a', values: { count: 5, zeros: 0, magnitudes: [1, 1, 1, 1, Number.POSITIVE_INFINITY] } }]),
    "profilePlot: magnitudes of 'a' hold Infinity; give finite positive sizes of non-zero values",
  ],
  'a type that is not whole': [
    () =>
      profilePlot([{ name: 'a', values: { count: 5, zeros: 0, magnitudes: sizes }, format: { k: 0, i: nan, f: 1 } }]),
    "profilePlot: format.i of 'a' is NaN; give whole bits",
  ],
  'no explored plan': [() => exploredPlans([]), 'exploredPlans: plans is empty; pass at least one entry'],
  'an unknown explored plan': [
    () => exploredPlans([explored], { named: ['b'] }),
    "exploredPlans: named 'b' is no plan; give names of plans",
  ],
  'a negative explored plan': [
    () => exploredPlans([{ ...explored, lut: -1 }]),
    "exploredPlans: lut of plan 'a' is -1; give zero or more",
  ],
  'no plan': [() => latencyVsResources([]), 'latencyVsResources: plans is empty; pass at least one entry'],
  'a latency that is not a number': [
    () => latencyVsResources([{ name: 'a', latency: nan, lut: 1 }]),
    "latencyVsResources: latency of plan 'a' is NaN; pass a finite number",
  ],
  'a latency beyond every axis': [
    () => latencyVsResources([{ name: 'a', latency: 1.7e308, lut: 1 }]),
    "latencyVsResources: latency of plan 'a' is 1.7e+308, too large for an axis; pass a number of at most 1e+100 in size",
  ],
  'no curve': [() => rocCurve([]), 'rocCurve: inputs is empty; pass at least one entry'],
  'a score of a curve that is not a number': [
    () => rocCurve([{ name: 'a', scores: [nan, 1], positive: [1, 0] }]),
    "rocCurve: score 0 of 'a' is NaN; pass a finite number",
  ],
  'a curve of one class': [
    () => rocCurve([{ name: 'a', scores: [1, 1], positive: [1, 1] }]),
    "rocCurve: positive of 'a' has 2 positives and 0 negatives; give both",
  ],
  'no answer': [
    () => confusionMatrix({ actual: [], predicted: [] }),
    'confusionMatrix: actual is empty; pass at least one entry',
  ],
  'an answer that is not a number': [
    () => confusionMatrix({ actual: [0, 1], predicted: [0, nan] }),
    'confusionMatrix: predicted[1] is NaN; give a class from 0 to 1',
  ],
  'a class number beyond every matrix': [
    () => confusionMatrix({ actual: [0, 30000], predicted: [0, 0] }),
    'confusionMatrix: actual[1] is 30000, more classes than are drawn; number the classes from 0 to 199 at most, or name them all in classes',
  ],
  'more classes than cells': [
    () =>
      confusionMatrix({ actual: [0], predicted: [0], classes: Array.from({ length: 501 }, (_, index) => `${index}`) }),
    'confusionMatrix: classes has 501 names; draw at most 500, for example groups of classes',
  ],
  'no node': [() => networkDiagram([]), 'networkDiagram: nodes is empty; pass at least one entry'],
  'a shape that is not a number': [
    () => networkDiagram([{ name: 'a', op: 'input', inputs: [], shape: [nan] }]),
    "networkDiagram: shape of node 'a' [NaN] holds NaN; give positive integers",
  ],
};

describe('what cannot be drawn', () => {
  it.each(Object.entries(refusals))('%s', (_, [draw, message]) => {
    expect(draw).toThrow(new FigureError(message));
  });
});

describe.each(Object.entries(figures))('%s', (name, draw) => {
  it.each(['nope', 'constructor'])("refuses the theme '%s'", (theme) => {
    const camel = name.replace(/-(branched|log)$/, '').replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    const message = `${camel}: theme is '${theme}'; give one of light, dark`;
    expect(() => draw({ theme: theme as ThemeName })).toThrow(new FigureError(message));
  });
});

/** What a figure says below its heading. */
function notesOf(spec: VegaLiteSpec): string {
  const { subtitle = [] } = spec['title'] as { subtitle?: readonly string[] };
  return subtitle.join('\n');
}

describe('what is too much to be drawn', () => {
  const large = Array.from({ length: 5000 }, (_, index) => index);

  it('is thinned out, and the figure says so', () => {
    const thresholds = large.map((threshold) => ({ ...row, threshold }));
    expect(notesOf(activePixelsVsThresholdPlot(thresholds))).toMatch(/of 5,000/);
    expect(notesOf(history(large.map((epoch) => ({ epoch, loss: 1 }))))).toMatch(/of 5,000/);
    expect(notesOf(paretoFrontPlot(large.map((cost) => ({ cost: 1 + cost, score: -cost }))))).toMatch(
      /of the 4,999 others/,
    );
    const scores = large.map((at) => (at * 7919) % 5003);
    expect(notesOf(rocCurve([{ name: 'a', scores, positive: large.map((at) => at % 3 === 0) }]))).toMatch(
      /points per curve/,
    );
    expect(notesOf(reducedExamplesPlot({ images: large, shape: [10, 10], n: 1, threshold: 0 }))).toMatch(
      /12 of 50 images/,
    );
  });

  it('is left out when it is a number that no axis can show, and the figure says so', () => {
    const epochs = [{ loss: 1, ebops: 1e306 }, { loss: 1e-320, ebops: 0 }, { loss: Number.NaN }, { loss: 0 }];
    expect(notesOf(history(epochs))).toBe('left out: 2 numbers that no axis can show');
  });

  it('is averaged or counted in its panel', () => {
    const wide = { layer: 'a', role: 'weights', shape: [500, 10], bits: large } as const;
    expect(JSON.stringify(quantizationHeatmaps([wide]))).toContain('averaged');
    expect(JSON.stringify(layerOutputsPlot(new Map([['a', { values: large, shape: [5, 10, 100] }]])))).toContain(
      '5×10×100, first 6 shown',
    );
  });
});
