import { expect, it } from 'vitest';
import { confusionMatrix } from '../figures/confusion-matrix.ts';
import { latencyVsResources } from '../figures/latency-vs-resources.ts';
import { renderSvg } from '../render/render-svg.ts';
import { plainLabels, short } from './numbers.ts';

it.each([
  [0, '0'],
  [0.205, '0.205'],
  [-0.5, '−0.5'],
  [12345.6, '12,346'],
  [-12345.6, '−12,346'],
  [9.821e8, '9.82 × 10⁸'],
  [-4.52e-10, '−4.52 × 10⁻¹⁰'],
  [1e-4, '0.0001'],
])('writes %d for people', (value, text) => {
  expect(short(value)).toBe(text);
});

/** Labels of an axis with ticks at `values`. */
async function labels(values: readonly number[]): Promise<readonly string[]> {
  const svg = await renderSvg({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'ticks',
    width: 2000,
    data: { values: values.map((x) => ({ x })) },
    mark: 'point',
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: { nice: false },
        axis: { values: [...values], labelExpr: plainLabels },
      },
    },
  });
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

it('labels axes alike, where ticks are whole numbers and where they have exponents', async () => {
  expect(await labels([0, 10, 20])).toEqual(expect.arrayContaining(['0', '10', '20']));
  expect(await labels([-1234, 0.5])).toEqual(expect.arrayContaining(['−1,234', '0.5']));
  expect(await labels([-5e8, 9.821e8])).toEqual(expect.arrayContaining(['−5 × 10⁸', '9.821 × 10⁸']));
  expect(await labels([-2.5e-10, 1e-12])).toEqual(expect.arrayContaining(['−2.5 × 10⁻¹⁰', '1 × 10⁻¹²']));
});

it('says which axes are logarithmic, and takes such ones where small amounts would be 0', () => {
  const text = (...luts: readonly number[]): string =>
    JSON.stringify(latencyVsResources(luts.map((lut, index) => ({ name: `${index}`, latency: 1 + 99 * index, lut }))));
  expect(text(1, 5000)).toMatch(/LUT[^"]*, log scale.*latency \(cycles, log scale\)/s);
  expect(text(1, 500)).not.toMatch(/LUT[^"]*, log scale/);
  expect(text(0, 5000)).not.toMatch(/LUT[^"]*, log scale/);
});

it('has no scale of shares for a single class', () => {
  const one = JSON.stringify(confusionMatrix({ actual: [0, 0], predicted: [0, 0] }));
  const two = JSON.stringify(confusionMatrix({ actual: [0, 1], predicted: [0, 0] }));
  expect([one, two].map((text) => text.includes('share of row'))).toEqual([false, true]);
});
