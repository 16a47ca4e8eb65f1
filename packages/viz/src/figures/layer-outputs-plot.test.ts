import { describe, expect, it } from 'vitest';
import { layerOutputsPlot } from './layer-outputs-plot.ts';

describe('layerOutputsPlot', () => {
  it('takes shapes with and without a batch dimension', () => {
    const values = Float32Array.from({ length: 2 * 12 }, (_, index) => index);
    const draw = (map: readonly number[], vector: readonly number[]) =>
      layerOutputsPlot(
        new Map([
          ['map', { values, shape: map }],
          ['vector', { values, shape: vector }],
        ]),
        { image: 1 },
      );
    expect(draw([2, 2, 2, 3], [2, 12])).toEqual(draw([2, 2, 3], [12]));
  });

  it('draws neighbours of big maps as one, the largest in size, and says so', () => {
    const values = new Float32Array(256 * 256).fill(1);
    values[256 + 1] = -7;
    const map = (side: number) => layerOutputsPlot(new Map([['map', { values, shape: [side, 256, 1] }]]));
    const [panel] = map(256)['vconcat'] as readonly {
      title: { subtitle: string };
      layer: readonly { data: { values: readonly object[] } }[];
    }[];
    const cells = panel.layer[1].data.values;
    expect(cells).toHaveLength(128 * 128);
    expect(cells.slice(0, 2)).toEqual([
      { x: 0, x2: 1, y: 0, y2: 1, value: -7 },
      { x: 1, x2: 2, y: 0, y2: 1, value: 1 },
    ]);
    expect(panel.title.subtitle).toBe(
      '256×256×1; shown: every 2 × 2 pixels as one (the largest in size); range −7 to 1; 65536 not zero',
    );
    expect(JSON.stringify(map(64))).not.toContain('as one');
  });

  it('names the layer whose values cannot be drawn', () => {
    const draw = (values: readonly number[], shape: readonly number[], image = 0) =>
      layerOutputsPlot(new Map([['conv', { values, shape }]]), { image });
    expect(() => draw([1, 2, 3], [2])).toThrow("values of layer 'conv' has 3 entries; give a multiple of 2");
    expect(() => draw([1, 2], [2], 1)).toThrow('image is 1; give a whole number from 0 to 0');
    expect(() => draw([1, Number.NaN], [2])).toThrow("a value of layer 'conv' is NaN; pass a finite number");
    expect(() => draw([1], [1, 1, 1, 1, 1])).toThrow('with or without the batch in front');
  });
});
