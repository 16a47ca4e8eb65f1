import { describe, expect, it } from 'vitest';
import {
  confusionMatrix,
  FigureError,
  history,
  latencyVsResources,
  networkDiagram,
  paretoFrontPlot,
  paretoOptimal,
  quantization,
  reducedExamplesPlot,
  rocOf,
  summarizeValues,
} from '../index.ts';

describe('history', () => {
  it('marks the first epoch with the best validation accuracy in every panel', () => {
    const spec = history([
      { epoch: 1, loss: 2, valAccuracy: 0.5 },
      { epoch: 2, loss: 1, valAccuracy: 0.9 },
      { epoch: 3, loss: 0.5, valAccuracy: 0.9 },
    ]);
    expect(JSON.stringify(spec).match(/\{"epoch":2\}/g)).toHaveLength(2);
  });

  it('takes null, which NaN becomes in JSON, for a gap', () => {
    const epochs = [{ loss: 2 }, { loss: Number.NaN }, { loss: 1, epoch: undefined }];
    expect(history(JSON.parse(JSON.stringify(epochs)))).toEqual(history(epochs));
  });

  it('refuses an empty history and an unknown best epoch', () => {
    expect(() => history([])).toThrow(FigureError);
    expect(() => history([{ epoch: 1, loss: 1 }], { bestEpoch: 7 })).toThrow(/bestEpoch is 7.*recorded epoch or null/);
  });
});

describe('paretoOptimal', () => {
  it('keeps what no other point beats in both', () => {
    const points = [
      { cost: 3, score: 0.7 },
      { cost: 1, score: 0.5 },
      { cost: 2, score: 0.5 },
      { cost: 4, score: 0.9 },
      { cost: 4, score: 0.8 },
    ];
    expect(paretoOptimal(points)).toEqual([points[1], points[0], points[3]]);
  });
});

describe('rocOf', () => {
  it('has the area of the Mann-Whitney statistic, ties counting half', () => {
    const { auc, points } = rocOf({ name: 'a', scores: [0.9, 0.5, 0.5, 0.1], positive: [1, 1, 0, 0] });
    // Pairs (positive, negative): 0.9 wins twice, 0.5 ties once and wins once.
    expect(auc).toBeCloseTo(3.5 / 4, 12);
    expect(points).toHaveLength(4);
  });
});

describe('quantization', () => {
  it('names the tensor whose sizes do not fit', () => {
    expect(() => quantization([{ layer: 'conv', role: 'weights', shape: [2, 2], bits: [1, 2, 3] }])).toThrow(
      "quantization: bits of weights of layer 'conv' has 3 values; shape [2, 2] needs 4",
    );
  });
});

describe('reducedExamplesPlot', () => {
  it('reduces images as the network does: the first n above the threshold in raster order', () => {
    const images = [0.1, 0.9, 0.4, 0.8, 0, 0.7];
    const kept = [
      { row: 0, col: 1 },
      { row: 1, col: 0 },
    ];
    const example = { index: 0, height: 2, width: 3, pixels: images, kept, dropped: [{ row: 1, col: 2 }] };
    const reduced = reducedExamplesPlot({ images, shape: [2, 3], n: 2, threshold: 0.4 }, { title: '' });
    expect(reduced).toEqual(reducedExamplesPlot([example], { title: '' }));
  });

  it('draws neighbours of big images as one, kept before dropped before faint, and says so', () => {
    const side = 300;
    const pixels = new Float32Array(side * side).fill(0.9);
    pixels.fill(0.1, side * 3);
    const spec = reducedExamplesPlot({ images: pixels, shape: [side, side], n: side + 2, threshold: 0.4 });
    const { values } = spec['data'] as { values: readonly Readonly<Record<string, unknown>>[] };
    // 90,000 pixels in blocks of 3 × 3.
    expect(values).toHaveLength(10000);
    expect(values[0]).toEqual({ image: 0, row: 0, col: 0, state: 'kept', order: 1 });
    const states = (state: string) => values.filter((value) => value['state'] === state).length;
    expect([states('kept'), states('dropped: beyond n'), states('not above threshold')]).toEqual([100, 0, 9900]);
    const text = JSON.stringify(spec);
    expect(text).toContain(
      'shown: every 3 × 3 pixels as one (its first kept pixel, else a dropped one, else a faint one)',
    );
    expect(text).toContain('302 of 900 kept');
  });

  it('draws every pixel of images that fit', () => {
    const spec = reducedExamplesPlot({
      images: new Float32Array(12 * 784).fill(1),
      shape: [28, 28],
      n: 9,
      threshold: 0,
    });
    expect((spec['data'] as { values: unknown[] }).values).toHaveLength(12 * 784);
    expect(JSON.stringify(spec)).not.toContain('as one');
  });

  it('says what is wrong with a shape', () => {
    expect(() => reducedExamplesPlot({ images: [1, 2, 3], shape: [2, 2], n: 1, threshold: 0 })).toThrow(
      'reducedExamplesPlot: images has 3 values; give a multiple of 4',
    );
  });
});

describe('summarizeValues', () => {
  it('takes quantiles of the sizes of what is not zero', () => {
    expect(summarizeValues([0, -4, 1, 2, 3, 0, 5])).toEqual({ count: 7, zeros: 2, magnitudes: [1, 2, 3, 4, 5] });
    expect(summarizeValues([0, 0])).toEqual({ count: 2, zeros: 2 });
    expect(() => summarizeValues([1, Number.NaN])).toThrow('value 1 is NaN');
  });
});

describe('confusionMatrix', () => {
  it('refuses a class without a name', () => {
    expect(() => confusionMatrix({ actual: [0, 2], predicted: [0, 0], classes: ['a', 'b'] })).toThrow(
      'confusionMatrix: actual[1] is 2; give a class from 0 to 1',
    );
  });
});

describe('networkDiagram', () => {
  it('refuses nodes that are not sorted', () => {
    const nodes = [{ name: 'a', op: 'relu', inputs: ['b'], shape: [1] }];
    expect(() => networkDiagram(nodes)).toThrow("input 'b' of node 'a' does not come earlier; sort the nodes");
  });
});

describe('latencyVsResources', () => {
  const plan = { name: 'a', latency: 3, interval: 2, lut: { value: 40, high: 50 }, dsp: 1 };

  it('says how much of a part the dearest plan takes, and refuses a part without any', () => {
    const text = JSON.stringify(latencyVsResources([plan], { part: { name: 'small', lut: 100 } }));
    expect(text).toContain('LUT (count), up to 50.0 % of the part');
    expect(text).toContain('part: small;');
    expect(text).toContain('interval (cycles)');
    expect(() => latencyVsResources([plan], { part: { name: 'none', lut: 0 } })).toThrow("lut of part 'none' is 0");
  });
});

describe('labels of the Pareto front', () => {
  it('never cover each other, and those of both ends are there', () => {
    const points = Array.from({ length: 40 }, (_, at) => ({
      cost: 1000 * 1.05 ** at,
      score: at / 40,
      label: `no. ${at}`,
    }));
    const spec = JSON.stringify(paretoFrontPlot(points));
    const named = Number(/named: (\d+) of them/.exec(spec)?.[1]);
    expect(named).toBeGreaterThan(5);
    expect(named).toBeLessThan(40);
    const labels = (
      JSON.parse(spec) as { layer: { mark: { type: string }; data: { values: { label: string }[] } }[] }
    ).layer
      .find(({ mark }) => mark.type === 'text')
      ?.data.values.map(({ label }) => label);
    expect(labels).toHaveLength(named);
    expect(labels).toEqual(expect.arrayContaining(['no. 0', 'no. 39']));
  });

  it('are all there where there is room', () => {
    const points = [1, 2, 3].map((at) => ({ cost: 10 ** at, score: at, label: `${at}` }));
    expect(JSON.stringify(paretoFrontPlot(points))).not.toContain('named:');
  });
});

it('an epoch is only called the best when there was validation', () => {
  const epochs = [{ loss: 2 }, { loss: 1 }];
  expect(JSON.stringify(history(epochs, { bestEpoch: 2 }))).toContain('kept epoch 2');
  const validated = epochs.map((epoch) => ({ ...epoch, valLoss: epoch.loss }));
  expect(JSON.stringify(history(validated, { bestEpoch: 2 }))).toContain('best epoch 2');
});
