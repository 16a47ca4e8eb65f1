import { describe, expect, it } from 'vitest';
import { type ImagesLike, type LayerSpec, newLayer } from './network.ts';
import { presets } from './presets.ts';
import { networkShapes } from './shapes.ts';

const digits: ImagesLike = { shape: [28, 28, 1], classes: 10 };

describe('networkShapes', () => {
  it.each([
    ['digits', digits, [[28, 28, 1], [28, 28, 4], [14, 14, 4], [14, 14, 4], [7, 7, 4], [196], [24], [10]], 5230],
    [
      'jets',
      { shape: [56, 56, 1], classes: 3 },
      [[56, 56, 1], [56, 56, 3], [56, 56, 1], [14, 14, 1], [196], [20], [3]],
      4493,
    ],
    [
      'neutrino',
      { shape: [63, 63, 1], classes: 2 },
      [[63, 63, 1], [63, 63, 1], [63, 63, 3], [9, 9, 3], [243], [16], [2]],
      4138,
    ],
  ] as const)('of the preset %s', (name, images, outputs, parameters) => {
    const shapes = networkShapes(presets[name].network, images);
    expect(shapes.problems).toEqual([]);
    expect(shapes.layers.map(({ output }) => output)).toEqual(outputs);
    expect(shapes.parameters).toBe(parameters);
  });

  const changed = (index: number, parts: object): readonly LayerSpec[] =>
    presets.digits.network.layers.map((layer, j) => (j === index ? ({ ...layer, ...parts } as LayerSpec) : layer));

  it.each([
    ['an even kernel', changed(1, { kernel: 4 }), 1, 'kernel', /odd number/],
    ['half a filter', changed(1, { filters: 1.5 }), 1, 'filters', /whole number from 1 to 256/],
    ['nothing where a number is', changed(1, { filters: Number.NaN }), 1, 'filters', /whole number/],
    ['a name twice', changed(3, { name: 'conv1' }), 3, 'name', /another layer is called conv1/],
    ['a name that is none', changed(3, { name: '2 b' }), 3, 'name', /beginning with a letter/],
    ['the name of the input', changed(3, { name: 'pixels' }), 3, 'name', /take another name/],
    ['a pool that is too large', changed(4, { size: 20 }), 4, 'size', /do not fit into 14 × 14 pixels; at most 14/],
    ['more slots than pixels', changed(0, { n: 785 }), 0, 'n', /1 to 784/],
    ['a negative threshold', changed(0, { threshold: -1 }), 0, 'threshold', /from 0 on/],
    ['another number of outputs', changed(7, { units: 9 }), 7, 'units', /one number per class: 10/],
    ['a relu at the end', changed(7, { relu: true }), 7, 'relu', /gives logits/],
    ['a β beyond 1', changed(1, { beta: 2 }), 1, 'beta', /from 0 to 1/],
    ['17 bits', changed(1, { bits: 17 }), 1, 'bits', /0 to 16/],
  ] as const)('marks %s', (_, layers, layer, field, message) => {
    const { problems } = networkShapes({ beta: 0, layers }, digits);
    expect(problems).toEqual([{ layer, field, message: expect.stringMatching(message) }]);
  });

  it('marks layers where they cannot stand', () => {
    const { layers } = presets.digits.network;
    const [reduce, conv, ...rest] = layers;
    const problemsOf = (moved: readonly LayerSpec[]) => networkShapes({ beta: 0, layers: moved }, digits).problems;
    expect(problemsOf([conv, reduce, ...rest]).map(({ layer, field }) => [layer, field])).toEqual([
      [0, 'kind'],
      [1, 'kind'],
      [-1, 'layers'],
    ]);
    expect(problemsOf([]).map(({ message }) => message)).toEqual([
      expect.stringContaining('begins with a reduction'),
      expect.stringContaining('ends with a dense layer'),
    ]);
    expect(problemsOf([reduce, conv])).toEqual([
      { layer: -1, field: 'layers', message: expect.stringContaining('ends with a dense') },
    ]);
  });

  it('gives new layers names that no other has', () => {
    expect(newLayer('conv', presets.digits.network.layers)).toMatchObject({ name: 'conv3' });
    const odd = changed(1, { name: 'conv3' });
    expect(newLayer('conv', odd)).toMatchObject({ name: 'conv4' });
  });
});
