import { inputReduce, qConv2DSparse, qDense, quantizer, sparseFlatten } from '@sp/layers';
import { qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../option-error.ts';
import { attributesFromModelAndConfig, type FirmwareConfig } from './attributes-from-config.ts';
import { attributesFromModel } from './attributes-from-model.ts';
import { type HardwareSettings, hardwareAttributes } from './hardware-attributes.ts';
import { describeLayer } from './layer-attributes.ts';
import { optimizationAttributes } from './optimization-attributes.ts';

function convolutional(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ name: 'conv', filters: 6, kernelSize: 3, padding: 'same', inputShape: [8, 8, 3] }),
      tf.layers.reLU({ name: 'relu' }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ name: 'dense', units: 16 }),
    ],
  });
}

const config: FirmwareConfig = {
  IOType: 'io_stream',
  Model: { ReuseFactor: 2, Strategy: 'Resource', Precision: 'ap_fixed<16,6>' },
  LayerName: {
    conv: { ReuseFactor: 2, Strategy: 'Latency', Precision: { weight: 'ap_fixed<12,3>', result: 'ap_fixed<10,4>' } },
    dense: { ReuseFactor: 1, Precision: { weight: 'auto', result: 'ap_fixed<18,8>' } },
  },
};

describe('attributesFromModel', () => {
  it('lists every layer of a sequential model', () => {
    const attributes = attributesFromModel(convolutional());
    expect([...attributes.keys()]).toEqual(['conv', 'relu', 'flatten', 'dense']);
    expect(attributes.get('conv')).toMatchObject({
      layerType: 'Conv2D',
      kind: 'conv2d',
      inboundLayers: [],
      weightShape: [3, 3, 3, 6],
      inputShape: [8, 8, 3],
      outputShape: [8, 8, 6],
      optimizable: false,
      args: {},
    });
    expect(attributes.get('relu')).toMatchObject({ kind: null, inboundLayers: ['conv'], weightShape: [] });
    expect(attributes.get('flatten')?.outputShape).toEqual([384]);
    expect(attributes.get('dense')).toMatchObject({ weightShape: [384, 16], inboundLayers: ['flatten'] });
  });

  it('names the producers of a functional model, and finds the kernels of sparse and QKeras layers', () => {
    const input = tf.input({ shape: [8, 8, 1], name: 'image' });
    const x = quantizer({ name: 'q' }).apply(input) as tf.SymbolicTensor;
    const [features, mask] = inputReduce({ n: 6, threshold: 0, name: 'reduce' }).apply(x) as tf.SymbolicTensor[];
    const y = qConv2DSparse({ filters: 2, kernelSize: 3, name: 'conv' }).apply([features, mask]) as tf.SymbolicTensor;
    const flat = sparseFlatten({ name: 'flat' }).apply([y, mask]) as tf.SymbolicTensor;
    const hidden = qDense({ units: 3, name: 'hidden' }).apply(flat) as tf.SymbolicTensor;
    const output = qkerasDense({ units: 2, name: 'out' }).apply(hidden) as tf.SymbolicTensor;
    const attributes = attributesFromModel(tf.model({ inputs: input, outputs: output }));
    expect(attributes.get('conv')).toMatchObject({ kind: 'conv2d', weightShape: [3, 3, 1, 2], inputShape: [8, 8, 1] });
    expect(attributes.get('conv')?.inboundLayers).toEqual(['reduce', 'reduce']);
    expect(attributes.get('hidden')).toMatchObject({ kind: 'dense', weightShape: [128, 3] });
    expect(attributes.get('out')).toMatchObject({ kind: 'dense', layerType: 'QKerasDense', weightShape: [3, 2] });
    expect(attributes.get('q')?.kind).toBeNull();
  });
});

describe('attributesFromModelAndConfig', () => {
  it('takes options of a layer, of its type, or of the model', () => {
    const attributes = attributesFromModelAndConfig(convolutional(), config);
    expect(attributes.get('conv')?.args.hardware).toEqual({
      nIn: 9,
      nOut: 6,
      multNIn: 27,
      ioType: 'io_stream',
      strategy: 'latency',
      weightPrecision: 'ap_fixed<12,3>',
      outputPrecision: 'ap_fixed<10,4>',
      reuseFactor: 2,
      parallelizationFactor: 1,
    });
    expect(attributes.get('dense')?.args.hardware).toMatchObject({
      nIn: 384,
      nOut: 16,
      reuseFactor: 1,
      strategy: 'resource',
      weightPrecision: 'ap_fixed<16,6>',
      outputPrecision: 'ap_fixed<18,8>',
    });
    expect(attributes.get('relu')?.args).toEqual({});
    const byType = { ...config, LayerName: {}, LayerType: { Dense: { ReuseFactor: 8 } } };
    expect(attributesFromModelAndConfig(convolutional(), byType).get('dense')?.args.hardware?.reuseFactor).toBe(8);
  });

  it('reads the whole dictionary of hls4ml', () => {
    const { IOType = '', ...HLSConfig } = config;
    const whole = attributesFromModelAndConfig(convolutional(), { IOType, HLSConfig });
    expect(whole).toEqual(attributesFromModelAndConfig(convolutional(), config));
  });

  it.each<[string, Partial<FirmwareConfig>, string]>([
    [
      'no precision at all',
      { Model: { ReuseFactor: 1, Strategy: 'Latency' }, LayerName: {} },
      'no Precision of its weight',
    ],
    ['only auto', { Model: { ...config.Model, Precision: 'auto' }, LayerName: {} }, 'no Precision of its weight'],
    [
      'no reuse factor',
      { Model: { Strategy: 'Latency', Precision: 'ap_fixed<8,2>' }, LayerName: {} },
      'no ReuseFactor',
    ],
    ['the alias of the documentation', { Model: { ...config.Model, Strategy: 'Unrolled' } }, "'resource_unrolled'"],
    ['a layer that is none', { LayerName: { convolution: {} } }, "LayerName has 'convolution'"],
    ['another I/O type', { IOType: 'io_serial' }, "ioType 'io_serial'"],
  ])('refuses %s', (_, part, message) => {
    const attempt = (): unknown => attributesFromModelAndConfig(convolutional(), { ...config, ...part });
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  });
});

describe('hardwareAttributes and optimizationAttributes', () => {
  const good: HardwareSettings = {
    nIn: 4,
    nOut: 2,
    ioType: 'io_parallel',
    strategy: 'Latency',
    weightPrecision: 'ap_fixed<8,2>',
    outputPrecision: 'ap_int<9>',
    reuseFactor: 1,
  };

  it('have defaults', () => {
    expect(hardwareAttributes(good)).toMatchObject({ strategy: 'latency', parallelizationFactor: 1, multNIn: 4 });
    expect(optimizationAttributes()).toEqual({
      structure: 'unstructured',
      pruning: false,
      weightSharing: false,
      blockShape: [1, 1],
      patternOffset: 1,
      consecutivePatterns: 1,
    });
  });

  it('refuse what makes no sense', () => {
    for (const part of [
      { weightPrecision: 'float' },
      { outputPrecision: 'auto' },
      { weightPrecision: 8 as unknown as string },
      { strategy: 'Resources' },
      { reuseFactor: 0 },
      { nIn: 1.5 },
    ]) {
      expect(() => hardwareAttributes({ ...good, ...part })).toThrow(OptionError);
    }
    expect(() => optimizationAttributes({ structure: 'blocks' as 'block' })).toThrow("structure 'blocks' is none of");
    expect(() => optimizationAttributes({ patternOffset: 0 })).toThrow(OptionError);
    expect(() => optimizationAttributes({ blockShape: [2] as unknown as [number, number] })).toThrow(OptionError);
  });

  it('are shown with all fields, one a line', () => {
    const layer = attributesFromModelAndConfig(convolutional(), config).get('conv');
    const text = layer === undefined ? '' : describeLayer(layer);
    for (const field of [
      'name: "conv"',
      'weightShape: [3,3,3,6]',
      '  structure: "unstructured"',
      '  hardware: {"nIn":9',
    ]) {
      expect(
        text.split('\n').some((line) => line.startsWith(field)),
        field,
      ).toBe(true);
    }
  });
});
