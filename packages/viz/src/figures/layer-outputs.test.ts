import { describe, expect, it } from 'vitest';
import { layerOutputs } from './layer-outputs.ts';

describe('layerOutputs', () => {
  it('takes shapes with and without a batch dimension', () => {
    const values = Float32Array.from({ length: 2 * 12 }, (_, index) => index);
    const draw = (map: readonly number[], vector: readonly number[]) =>
      layerOutputs(
        new Map([
          ['map', { values, shape: map }],
          ['vector', { values, shape: vector }],
        ]),
        { image: 1 },
      );
    expect(draw([2, 2, 2, 3], [2, 12])).toEqual(draw([2, 2, 3], [12]));
  });

  it('names the layer whose values cannot be drawn', () => {
    const draw = (values: readonly number[], shape: readonly number[], image = 0) =>
      layerOutputs(new Map([['conv', { values, shape }]]), { image });
    expect(() => draw([1, 2, 3], [2])).toThrow("values of layer 'conv' has 3 entries; give a multiple of 2");
    expect(() => draw([1, 2], [2], 1)).toThrow('image is 1; give a whole number from 0 to 0');
    expect(() => draw([1, Number.NaN], [2])).toThrow("a value of layer 'conv' is NaN; pass a finite number");
    expect(() => draw([1], [1, 1, 1, 1, 1])).toThrow('with or without the batch in front');
  });
});
