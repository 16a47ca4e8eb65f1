import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { layerZoo } from '../../test/support/layer-zoo.ts';
import {
  hActivation,
  hAdd,
  hConv1D,
  hConv1DBatchNorm,
  hConv2D,
  hConv2DBatchNorm,
  hDense,
  hDenseBatchNorm,
  hQuantize,
  registerHgq1Layers,
  signature,
} from '../hgq1/index.ts';
import { LayerError } from '../layer-error.ts';
import {
  qkerasActivation,
  qkerasAdaptiveActivation,
  qkerasAveragePooling2D,
  qkerasBatchNormalization,
  qkerasConv1D,
  qkerasConv2D,
  qkerasDense,
  qkerasDepthwiseConv2D,
  qkerasGlobalAveragePooling2D,
  qkerasSeparableConv1D,
  qkerasSeparableConv2D,
  registerQKerasLayers,
} from '../qkeras/index.ts';
import { clip, elementFunction, exponentialLinear, rectifier } from './function-layers.ts';
import { globalAveragePooling2DSparse, globalMaxPooling2DSparse } from './global-pooling2d-sparse.ts';
import { inputReduce } from './input-reduce.ts';
import { optionsOf } from './known-options.ts';
import { meanOfInputs } from './mean-of-inputs.ts';
import { qAdd } from './merge-layers.ts';
import { averagePooling2DSparse, maxPooling2DSparse } from './pooling2d-sparse.ts';
import { qAffinedUnaryFunctionLUT } from './q-affined-unary-function-lut.ts';
import { qBatchNormalization } from './q-batch-normalization.ts';
import { QConv2D, qConv2D } from './q-conv2d.ts';
import { qConv2DSparse } from './q-conv2d-sparse.ts';
import { QDense, qDense } from './q-dense.ts';
import { qLeakyRelu, qRelu } from './q-relu.ts';
import { quantizer } from './quantizer-layer.ts';
import { reduceAxes } from './reduce-axes.ts';
import { registerLayers } from './register-layers.ts';
import { removeDilatedPixels } from './remove-dilated-pixels.ts';
import { scaleShift } from './scale-shift.ts';
import { sparseFlatten } from './sparse-flatten.ts';
import { take } from './take.ts';
import { zeroPad } from './zero-pad.ts';

/** Calls with what TypeScript would refuse, as JavaScript does. */
function complaintOf(make: (options: never) => unknown, options: unknown): LayerError {
  try {
    make(options as never);
  } catch (error) {
    if (error instanceof LayerError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const allLayers: Readonly<Record<string, () => tf.layers.Layer>> = {
  ...Object.fromEntries(Object.entries(layerZoo).map(([name, { layer }]) => [name, layer])),
  averagePooling2DSparse: () => averagePooling2DSparse({ poolSize: 2 }),
  globalAveragePooling2DSparse: () => globalAveragePooling2DSparse(),
  globalMaxPooling2DSparse: () => globalMaxPooling2DSparse(),
  inputReduce: () => inputReduce({ n: 3 }),
  maxPooling2DSparse: () => maxPooling2DSparse({ poolSize: 2 }),
  qAffinedUnaryFunctionLUT: () => qAffinedUnaryFunctionLUT({ activation: 'tanh' }),
  qConv2DSparse: () => qConv2DSparse({ filters: 2, kernelSize: 3 }),
  quantizer: () => quantizer({ config: { i0: 2 } }),
  removeDilatedPixels: () => removeDilatedPixels(),
  sparseFlatten: () => sparseFlatten(),
  // Those of importers.
  clip: () => clip({ min: 0 }),
  elementFunction: () => elementFunction({ activation: 'tanh' }),
  exponentialLinear: () => exponentialLinear({ alpha: 0.5 }),
  meanOfInputs: () => meanOfInputs(),
  rectifier: () => rectifier({ maxValue: 6 }),
  reduceAxes: () => reduceAxes({ mode: 'sum', axes: [1] }),
  scaleShift: () => scaleShift({ scale: 2 }),
  take: () => take({ selections: [{ axis: 1, indices: [0] }] }),
  zeroPad: () => zeroPad({ pads: [[1, 1]] }),
  // HGQ v1's.
  hActivation: () => hActivation({ activation: 'relu' }),
  hAdd: () => hAdd(),
  hConv1D: () => hConv1D({ filters: 2, kernelSize: 3 }),
  hConv1DBatchNorm: () => hConv1DBatchNorm({ filters: 2, kernelSize: 3 }),
  hConv2D: () => hConv2D({ filters: 2, kernelSize: 3 }),
  hConv2DBatchNorm: () => hConv2DBatchNorm({ filters: 2, kernelSize: 3 }),
  hDense: () => hDense({ units: 2 }),
  hDenseBatchNorm: () => hDenseBatchNorm({ units: 2 }),
  hQuantize: () => hQuantize(),
  signature: () => signature({ keepNegative: true, bits: 6, intBits: 2 }),
  // QKeras'.
  qkerasActivation: () => qkerasActivation({ activation: 'quantized_relu(6,2)' }),
  qkerasAdaptiveActivation: () => qkerasAdaptiveActivation({ activation: 'quantized_relu', totalBits: 6 }),
  qkerasAveragePooling2D: () => qkerasAveragePooling2D({ poolSize: 2 }),
  qkerasBatchNormalization: () => qkerasBatchNormalization({}),
  qkerasConv1D: () => qkerasConv1D({ filters: 2, kernelSize: 3 }),
  qkerasConv2D: () => qkerasConv2D({ filters: 2, kernelSize: 3 }),
  qkerasDense: () => qkerasDense({ units: 2 }),
  qkerasDepthwiseConv2D: () => qkerasDepthwiseConv2D({ kernelSize: 3 }),
  qkerasGlobalAveragePooling2D: () => qkerasGlobalAveragePooling2D({}),
  qkerasSeparableConv1D: () => qkerasSeparableConv1D({ filters: 2, kernelSize: 3 }),
  qkerasSeparableConv2D: () => qkerasSeparableConv2D({ filters: 2, kernelSize: 3 }),
};

describe.each([
  // What was dropped in silence, its spelling elsewhere, and slips.
  [inputReduce, { nMaxPixels: 5 }, "'nMaxPixels' is called 'n'"],
  [inputReduce, { n_max_pixels: 5 }, "'n_max_pixels' is called 'n'"],
  [inputReduce, { learn_n: false }, "'learn_n' is called 'learnN'"],
  [inputReduce, { beta_maskedE: 1 }, "'beta_maskedE' is called 'betaMaskedE'"],
  [inputReduce, { threshhold: 0.1 }, "did you mean 'threshold'?"],
  [qConv2DSparse, { filters: 1, kernel_size: 3 }, "'kernel_size' is called 'kernelSize'"],
  [qDense, { units: 2, iq_conf: {} }, "'iq_conf' is called 'iqConf'"],
  [qDense, { units: 2, kernel_quantizer: {} }, "'kernel_quantizer' is called 'kqConf'"],
  [qDense, { units: 2, kernel_regularizer: {} }, "'kernel_regularizer' is called 'kernelRegularizer'"],
  [qDense, { units: 2, filters: 3 }, "unknown option 'filters' (known: "],
  [qDense, { units: 2, activityRegularizer: {} }, 'TensorFlow.js has no losses of activations'],
  [qConv2D, { filters: 1, kernelSize: 3, activity_regularizer: {} }, 'not supported'],
  [qBatchNormalization, { gammaRegularizer: {} }, 'not supported: scale and offset'],
  [qAdd, { iqConf: {} }, "'iqConf' is called 'iqConfs'"],
  [qRelu, { beta0: 1 }, "unknown option 'beta0'"],
  [qLeakyRelu, { negativeSlope: 1 }, "unknown option 'negativeSlope'"],
  [averagePooling2DSparse, { poolSize: 2, pool_size: 2 }, "'pool_size' is called 'poolSize'"],
  [maxPooling2DSparse, { poolSize: 2, dataFormat: 'channelsFirst' }, 'channels last'],
  [sparseFlatten, { dataFormat: 'channelsLast' }, 'channels last'],
  [zeroPad, { pads: [], padding: 1 }, "unknown option 'padding'"],
  [rectifier, { max_value: 6 }, "'max_value' is called 'maxValue'"],
  [hDense, { units: 2, kq_conf: {} }, "'kq_conf' is called 'kqConf'"],
  [hConv2D, { filters: 1, kernelSize: 3, parallel_factor: 2 }, "'parallel_factor' is called 'parallelFactor'"],
  [qkerasDense, { units: 2, kernel_quantizer: 'x' }, "'kernel_quantizer' is called 'kernelQuantizer'"],
  [qkerasConv2D, { filters: 1, kernelSize: 3, units: 3 }, "unknown option 'units'"],
  [qkerasActivation, { activation: 'relu', sed: 3 }, "did you mean 'seed'?"],
] as const)('%o with %o', (make, options, said) => {
  it(`is refused: ${said}`, () => {
    const error = complaintOf(make, options);
    expect(error.message).toContain(said);
    const [option] = Object.keys(options).slice(-1);
    expect(error).toMatchObject({ option, value: (options as Record<string, unknown>)[option] });
  });
});

it('names the layer if the user did', () => {
  const error = complaintOf(qDense, { name: 'head', units: 2, units_: 3 });
  expect(error.message).toContain("Layer 'head' (qDense): ");
  expect(error.layer).toBe('head');
});

it('answers positional arguments with what to write', () => {
  expect(complaintOf(averagePooling2DSparse, 2).message).toBe(
    'averagePooling2DSparse: got 2; options have names here: averagePooling2DSparse({ poolSize: 2 }).',
  );
  expect(complaintOf(qDense, 10).message).toContain('qDense({ units: 10 })');
  expect(complaintOf(qConv2DSparse, [3, 3]).message).toContain('qConv2DSparse({ filters: [3,3] })');
  expect(complaintOf(qDense, undefined).message).toContain(
    'got nothing; options have names here: qDense({ units: … })',
  );
  expect(complaintOf(qDense, null).message).toContain('got null');
  expect(complaintOf((args) => new QConv2D(args), 3).message).toContain('qConv2D({ filters: 3 })');
  expect(complaintOf(hDense, 10).message).toContain('hDense({ units: 10 })');
  expect(complaintOf(qkerasDense, 10).message).toContain('qkerasDense({ units: 10 })');
  expect(complaintOf(zeroPad, 1).message).toContain('zeroPad({ pads: 1 })');
  expect(complaintOf(quantizer, 'kif').message).toContain('quantizer({ config: "kif" })');
});

it('takes the options of every tfjs layer, and undefined ones of any name', () => {
  const common = { name: 'mine', trainable: false, dtype: 'float32' as const, inputShape: [3], batchSize: 2 };
  const layer = qDense({ units: 2, ...common, ...({ no_such: undefined } as object) });
  expect([layer.name, layer.trainable, layer.batchInputShape]).toEqual(['mine', false, [2, 3]]);
});

it('lists every layer that is registered for loading', () => {
  for (const register of [registerLayers, registerHgq1Layers, registerQKerasLayers]) register();
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const listed = Object.entries(classNameMap).filter(([, [layerClass]]) => optionsOf(layerClass) !== undefined);
  const made = Object.values(allLayers).map((make) => make().getClassName());
  expect([...new Set(made)].sort()).toEqual(listed.map(([name]) => name).sort());
});

describe.each(Object.keys(allLayers))('%s', (name) => {
  it('knows all it saves, and is built again from it', () => {
    const layer = allLayers[name]();
    const known = optionsOf(layer.constructor)?.known;
    for (const key of Object.keys(layer.getConfig())) expect(known).toContain(key);
    const layerClass = layer.constructor as tf.serialization.SerializableConstructor<tf.layers.Layer> & {
      fromConfig: typeof tf.layers.Layer.fromConfig;
    };
    const again = layerClass.fromConfig(layerClass, layer.getConfig());
    expect(again.getConfig()).toEqual(layer.getConfig());
  });

  it('refuses an option that it does not know', () => {
    const layer = allLayers[name]();
    const config = { ...layer.getConfig(), no_such_option: 1 };
    const layerClass = layer.constructor as new (args: object) => tf.layers.Layer;
    expect(() => new layerClass(config)).toThrow(/unknown option 'no_such_option'/);
  });
});

it('loads rectifiers that were saved with settings of EBOPs', () => {
  const layer = qRelu({ maxValue: 6, name: 'r' });
  const config = { ...layer.getConfig(), enableEbops: false, beta0: 1e-5, ebopsFactor: 1 };
  const [layerClass] = [layer.constructor as unknown as typeof import('./q-relu.ts').QRelu];
  expect(layerClass.fromConfig(layerClass as never, config as never)).toMatchObject({ maxValue: 6 });
});

it('leaves layers of others alone', () => {
  class Mine extends QDense {}
  Object.defineProperty(Mine, 'className', { value: 'Mine' });
  expect(new Mine({ units: 1, own: 3 } as never).units).toBe(1);
  expect(tf.layers.dense({ units: 3 }).name).toBeTruthy();
});
