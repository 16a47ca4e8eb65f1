import { describe, expect, it } from 'vitest';
import { LayerError, LowerError, qConv2D, qConv2DSparse, qDense, qSum } from './index.ts';
import { minMax } from './quantizer/constraint.ts';

function failure(action: () => unknown): LayerError {
  try {
    action();
  } catch (error) {
    if (error instanceof LayerError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('LayerError', () => {
  it.each([
    ['units', 0, () => qDense({ name: 'head', units: 0 }), 'head'],
    ['activation', 'wavy', () => qDense({ name: 'head', units: 2, activation: 'wavy' }), 'head'],
    ['kernelSize', 0, () => qConv2D({ name: 'c', filters: 1, kernelSize: [0, 3] }), 'c'],
    ['strides', 2, () => qConv2DSparse({ name: 'sparse', filters: 1, kernelSize: 3, strides: 2 }), 'sparse'],
    ['b0', -1, () => qDense({ name: 'a/b', units: 1, kqConf: { qType: 'kbi', b0: -1 } }), 'a/b'],
    ['axes', [0], () => qSum({ name: "o'neil", axes: [0] }).computeOutputShape([null, 3]), "o'neil"],
  ])('names the layer, the option %s and the value %j', (option, value, action, layer) => {
    const error = failure(action);
    expect(error).toMatchObject({ name: 'LayerError', layer, option });
    expect(error.value).toEqual(value);
    expect(error.message).toContain(`Layer '${layer}': `);
  });

  it('knows the layer of a quantizer, and none where there is none', () => {
    expect(new LayerError("Quantizer 'block/conv/kq': too narrow.").layer).toBe('block/conv');
    expect(failure(() => minMax(2, 1))).toMatchObject({ layer: undefined, option: 'min', value: 2 });
  });

  it('is what a lowering throws, too, and keeps its cause', () => {
    const cause = new Error('below');
    const error = new LowerError('conv', 'cannot be.', 'Change it.', { cause });
    expect(error).toBeInstanceOf(LayerError);
    expect(error).toMatchObject({ name: 'LowerError', layer: 'conv', cause });
  });
});
