import { describe, expect, it } from 'vitest';
import {
  confusionMatrix,
  ebopsByLayer,
  exploredPlans,
  latencyVsResources,
  layerOutputsPlot,
  networkDiagram,
  paretoFrontPlot,
  profilePlot,
  quantization,
  quantizationHeatmaps,
  reducedExamplesPlot,
  renderSvg,
  rocCurve,
  type VegaLiteSpec,
} from '../index.ts';

const scores = { scores: [1, 2], positive: [0, 1] };
const values = { count: 5, zeros: 1, magnitudes: [1, 2, 3, 4, 5] } as const;
const bits = { role: 'weights', shape: [2], bits: [1, 2] } as const;
const output = { values: [1, 2, 3, 4], shape: [2, 2, 1] };

/** Every figure that writes names, with the same name wherever it can stand. */
const named: Readonly<Record<string, (name: string) => VegaLiteSpec>> = {
  titles: (name) => ebopsByLayer([{ layer: 'a', ebops: 3 }], { title: name, subtitle: name }),
  'titles of axes': (name) => paretoFrontPlot([{ cost: 1, score: 1 }], { costTitle: name, scoreTitle: name }),
  layerOutputsPlot: (name) =>
    layerOutputsPlot(
      new Map([
        [name, output],
        ['z', output],
      ]),
    ),
  quantization: (name) => quantization([name, 'z'].map((layer) => ({ layer, ...bits }))),
  quantizationHeatmaps: (name) => quantizationHeatmaps([name, 'z'].map((layer) => ({ layer, ...bits }))),
  ebopsByLayer: (name) => ebopsByLayer([name, 'z'].map((layer) => ({ layer, ebops: 3 }))),
  confusionMatrix: (name) => confusionMatrix({ actual: [0, 1], predicted: [0, 0], classes: [name, 'z'] }),
  paretoFrontPlot: (name) =>
    paretoFrontPlot([name, 'z'].map((group, at) => ({ cost: at, score: at, group, label: group }))),
  rocCurve: (name) => rocCurve([name, 'z'].map((curve) => ({ name: curve, ...scores }))),
  latencyVsResources: (name) => latencyVsResources([name, 'z'].map((plan) => ({ name: plan, latency: 3, lut: 4 }))),
  exploredPlans: (name) => {
    const cost = { latency: 3, lut: 4, ff: 5, dsp: 6, bram: 7, dominated: false };
    return exploredPlans(
      [name, 'z'].map((plan) => ({ name: plan, ...cost })),
      { named: [name] },
    );
  },
  profilePlot: (name) => profilePlot([name, 'z'].map((entry) => ({ name: entry, values }))),
  networkDiagram: (name) => networkDiagram([{ name, op: name, inputs: [], shape: [2], layer: name }]),
  reducedExamplesPlot: (name) =>
    reducedExamplesPlot({ images: [1, 0, 1, 1], shape: [2, 2], n: 1, threshold: 0, labels: [name] }),
};

async function elements(spec: VegaLiteSpec): Promise<Readonly<Record<string, number>>> {
  const warnings: string[] = [];
  const svg = await renderSvg(spec, { onWarning: (message) => warnings.push(message) });
  expect(warnings).toEqual([]);
  const count = (tag: RegExp) => svg.match(tag)?.length ?? 0;
  return { paths: count(/<path/g), texts: count(/<text/g) };
}

describe.each(Object.entries(named))('names in %s', (_, draw) => {
  it.each(['constructor', 'hasOwnProperty', '__proto__'])('may be %s', async (name) => {
    // As wide, so that the layout is the same.
    const ordinary = [...name].reverse().join('');
    expect(await elements(draw(name))).toEqual(await elements(draw(ordinary)));
  });
});
