import { describe, expect, it } from 'vitest';
import { type HardwareSettings, hardwareAttributes } from '../attributes/hardware-attributes.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import { type OptimizationAttributes, optimizationAttributes } from '../attributes/optimization-attributes.ts';
import { attributesForObjective } from './attributes-for-objective.ts';
import { dspBramObjective } from './dsp-bram-objective.ts';
import { dspObjective } from './dsp-objective.ts';
import { ffObjective } from './ff-objective.ts';
import { flopObjective } from './flop-objective.ts';
import type { ObjectiveEstimator } from './objective-estimator.ts';
import { parameterObjective } from './parameter-objective.ts';

const dense: LayerAttributes = {
  name: 'dense',
  layerType: 'Dense',
  kind: 'dense',
  inboundLayers: [],
  weightShape: [8, 12],
  inputShape: [8],
  outputShape: [12],
  optimizable: false,
  optimizationAttributes: optimizationAttributes(),
  args: {},
};

const conv: LayerAttributes = {
  ...dense,
  name: 'conv',
  layerType: 'Conv2D',
  kind: 'conv2d',
  weightShape: [3, 3, 2, 6],
  inputShape: [8, 8, 2],
  outputShape: [6, 6, 6],
};

const flatten: LayerAttributes = { ...dense, name: 'flatten', layerType: 'Flatten', kind: null, weightShape: [] };

function built(layer: LayerAttributes, given: Partial<HardwareSettings>): LayerAttributes {
  const hardware = hardwareAttributes({
    nIn: layer.kind === 'dense' ? 8 : 9,
    nOut: layer.weightShape[layer.weightShape.length - 1],
    ioType: 'io_parallel',
    strategy: 'resource',
    weightPrecision: 'ap_fixed<16,6>',
    outputPrecision: 'ap_fixed<10,6>',
    reuseFactor: 1,
    ...given,
  });
  return { ...layer, args: { hardware } };
}

function pruned(layer: LayerAttributes, given: Partial<OptimizationAttributes>): LayerAttributes {
  return { ...layer, optimizationAttributes: optimizationAttributes({ pruning: true, ...given }) };
}

const all: readonly ObjectiveEstimator[] = [
  parameterObjective,
  flopObjective,
  dspObjective,
  dspBramObjective,
  ffObjective,
];

describe('objectives', () => {
  it('want nothing of layers without a kernel', () => {
    for (const objective of all) {
      const nothing = objective.dimensions.map(() => 0);
      expect(objective.isLayerOptimizable(flatten)).toEqual({ optimizable: false, attributes: null });
      expect(objective.layerResources(flatten)).toEqual(nothing);
      expect(objective.layerSavings(pruned(flatten, {}))).toEqual(nothing);
    }
  });

  it('count weights and operations', () => {
    expect(parameterObjective.layerResources(conv)).toEqual([108]);
    expect(parameterObjective.layerSavings(pruned(conv, {}))).toEqual([1]);
    expect(parameterObjective.layerSavings(pruned(conv, { structure: 'structured' }))).toEqual([18]);
    expect(parameterObjective.layerSavings(pruned(dense, { structure: 'block', blockShape: [2, 3] }))).toEqual([6]);
    expect(parameterObjective.layerSavings(dense)).toEqual([0]);
    expect(flopObjective.layerResources(conv)).toEqual([2 * 108 * 36 + 6]);
    expect(flopObjective.layerSavings(pruned(conv, { structure: 'structured' }))).toEqual([2 * 18 * 36 + 1]);
    expect(flopObjective.layerResources(dense)).toEqual([204]);
    expect(flopObjective.layerSavings(pruned(dense, {}))).toEqual([0]);
  });

  it('find DSPs where weights have at least 9 bits', () => {
    expect(dspObjective.isLayerOptimizable(built(dense, { weightPrecision: 'ap_fixed<8,2>' })).optimizable).toBe(false);
    const layer = built(dense, { reuseFactor: 4 });
    expect(dspObjective.isLayerOptimizable(layer).attributes).toMatchObject({
      structure: 'pattern',
      patternOffset: 24,
    });
    expect(dspObjective.layerResources(layer)).toEqual([24]);
    expect(dspObjective.layerSavings(pruned(layer, { structure: 'pattern', patternOffset: 24 }))).toEqual([1]);
    expect(dspObjective.layerSavings(pruned(layer, { structure: 'pattern', patternOffset: 12 }))).toEqual([0]);
    expect(dspObjective.layerSavings(pruned(built(dense, { reuseFactor: 8 }), { structure: 'structured' }))).toEqual([
      1,
    ]);
    const latency = built(dense, { strategy: 'Latency' });
    expect(dspObjective.isLayerOptimizable(latency).attributes).toMatchObject({ structure: 'unstructured' });
    expect(dspObjective.layerSavings(pruned(latency, { structure: 'block' }))).toEqual([1]);
  });

  it('count the multipliers of every position that is computed at once', () => {
    const layer = built(conv, { reuseFactor: 2, parallelizationFactor: 3 });
    expect(dspObjective.layerResources(layer)).toEqual([162]);
    expect(dspObjective.layerSavings(pruned(layer, { structure: 'pattern', patternOffset: 54 }))).toEqual([3]);
    const stream = built(conv, { reuseFactor: 2, parallelizationFactor: 3, ioType: 'io_stream' });
    expect(dspObjective.layerResources(stream)).toEqual([54]);
  });

  it('group the multipliers that a row of memory feeds', () => {
    const layer = built(dense, { reuseFactor: 4, weightPrecision: 'ap_fixed<18,6>' });
    const { attributes } = dspBramObjective.isLayerOptimizable(layer);
    expect(attributes).toMatchObject({ structure: 'pattern', patternOffset: 24, consecutivePatterns: 2 });
    expect(dspBramObjective.layerResources(layer)).toEqual([24, 12]);
    expect(dspBramObjective.layerSavings(pruned(layer, attributes ?? {}))).toEqual([2, 1]);
    expect(dspBramObjective.layerSavings(layer)).toEqual([0, 0]);
  });

  it('find registers of weights and results', () => {
    const stream = built(dense, { ioType: 'io_stream' });
    expect(ffObjective.isLayerOptimizable(stream).optimizable).toBe(false);
    expect(ffObjective.layerResources(stream)).toEqual([0]);
    const parallel = built(dense, {});
    expect(ffObjective.isLayerOptimizable(parallel).attributes).toMatchObject({ structure: 'structured' });
    expect(ffObjective.layerResources(parallel)).toEqual([120]);
    expect(ffObjective.layerSavings(pruned(parallel, { structure: 'structured' }))).toEqual([10]);
    expect(ffObjective.layerSavings(pruned(parallel, {}))).toEqual([0]);
    const latency = built(dense, { strategy: 'latency' });
    expect(ffObjective.layerResources(latency)).toEqual([96 * 16 + 120]);
    expect(ffObjective.layerSavings(pruned(latency, { structure: 'structured' }))).toEqual([8 * 16 + 10]);
  });

  it('say whose hardware attributes are missing', () => {
    for (const objective of [dspObjective, dspBramObjective, ffObjective]) {
      expect(() => objective.layerResources(dense)).toThrow("Layer 'dense': the objective");
    }
  });
});

describe('attributesForObjective', () => {
  const map = (...layers: LayerAttributes[]): ReadonlyMap<string, LayerAttributes> =>
    new Map(layers.map((layer) => [layer.name, layer]));

  it('asks for every layer, and keeps the outputs of the last one', () => {
    const { attributes, notes } = attributesForObjective(map(conv, flatten, dense), flopObjective);
    expect(attributes.get('conv')).toMatchObject({
      optimizable: true,
      optimizationAttributes: { structure: 'structured', pruning: true },
    });
    expect(attributes.get('flatten')?.optimizable).toBe(false);
    expect(attributes.get('dense')).toMatchObject({ optimizable: false, optimizationAttributes: { pruning: false } });
    expect(notes).toEqual([]);
    expect(attributesForObjective(map(conv, dense), parameterObjective).attributes.get('dense')?.optimizable).toBe(
      true,
    );
  });

  it('says which layers cannot be pruned, before anything is trained', () => {
    // 5 numbers of 16 bits do not fill two rows of memory.
    const narrow = built({ ...dense, weightShape: [10, 12] }, { reuseFactor: 4 });
    const saves = attributesForObjective(map(narrow, built(conv, {})), dspBramObjective);
    expect(saves.attributes.get('dense')?.optimizable).toBe(false);
    expect(saves.attributes.get('conv')?.optimizable).toBe(true);
    expect(saves.notes).toEqual([
      "Layer 'dense': by the objective 'DSP and BRAM' no group of structure 'pattern' saves anything; it is not optimised",
    ]);
    const odd = attributesForObjective(map(built(dense, { reuseFactor: 4 })), dspBramObjective);
    expect(odd.notes[0]).toContain('consecutivePatterns 5 does not divide patternOffset 24');
  });
});
