import { describe, expect, it } from 'vitest';
import { parallelCoordinates, parameterImportance, parameterSlices, renderSvg, type VegaLiteSpec } from '../index.ts';

const rows = Array.from({ length: 20 }, (_, j) => ({
  values: {
    n: j,
    beta: 10 ** (-j / 4),
    kind: j % 2 === 0 ? 'a' : 'b',
    ...(j % 3 === 0 && { filters: j }),
    accuracy: j / 20,
  },
  chosen: j > 16,
}));
const axes = [{ name: 'n' }, { name: 'beta', scale: 'log' as const }, { name: 'kind' }, { name: 'filters' }];

const figures: Readonly<Record<string, () => VegaLiteSpec>> = {
  parallelCoordinates: () => parallelCoordinates([...axes, { name: 'accuracy' }], rows),
  'parallelCoordinates of one line': () => parallelCoordinates([{ name: 'n' }], [{ values: { n: 1 } }]),
  parameterImportance: () =>
    parameterImportance([
      { name: 'n', importance: 3 },
      { name: 'beta', importance: 0 },
    ]),
  parameterSlices: () => parameterSlices('accuracy', axes, rows),
};

describe.each(Object.entries(figures))('%s', (_, draw) => {
  it('is drawn without warnings', async () => {
    const warnings: string[] = [];
    const svg = await renderSvg(draw(), { onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([]);
    expect(svg).toContain('<path');
  });
});

it('names of parallel axes may be what objects inherit, and a missing value interrupts a line', async () => {
  const svg = await renderSvg(
    parallelCoordinates(
      [{ name: 'constructor' }, { name: 'n' }],
      [{ values: { constructor: 1, n: 2 } }, { values: { constructor: 2 } }],
    ),
  );
  expect(svg).toContain('constructor');
});

it.each([
  [() => parallelCoordinates([], rows), 'parallelCoordinates: axes is empty'],
  [() => parallelCoordinates(axes, []), 'parallelCoordinates: rows is empty'],
  [() => parallelCoordinates([{ name: 'm' }], rows), "values of axis 'm' is empty"],
  [() => parallelCoordinates([{ name: 'n', scale: 'log' }], rows), "value of axis 'n' is 0; give positive numbers"],
  [() => parallelCoordinates([{ name: 'n' }], [{ values: { n: Number.NaN } }]), "value of axis 'n' is NaN"],
  [() => parallelCoordinates([{ name: 'n' }], [{ values: { n: 1 } }, { values: { n: 'a' } }]), 'has numbers and names'],
  [() => parameterImportance([]), 'parameterImportance: parameters is empty'],
  [() => parameterImportance([{ name: 'n', importance: -1 }]), "importance of 'n' is -1; give zero or more"],
  [() => parameterSlices('loss', axes, rows), "rows with 'loss' is empty"],
  [() => parameterSlices('accuracy', [], rows), 'parameterSlices: parameters is empty'],
])('refuses what cannot be drawn: %s', (draw, message) => {
  expect(draw).toThrow(message);
});
