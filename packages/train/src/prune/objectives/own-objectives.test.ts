import { inputReduce, qConv2DSparse, qDense, sparseFlatten, totalEbops, traceMinMax } from '@sp/layers';
import { qkerasDense } from '@sp/layers/qkeras';
import { adderCount, shareAdders } from '@sp/quant/adders';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adam } from '../../fit/adam.ts';
import { fit } from '../../fit/fit.ts';
import { OptionError } from '../../option-error.ts';
import { attributesFromModel } from '../attributes/attributes-from-model.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { applyMasks } from '../masks/apply-masks.ts';
import { getModelMasks } from '../masks/get-model-masks.ts';
import { groupsOf } from '../masks/groups.ts';
import { releaseBits } from '../masks/release-bits.ts';
import { pruningOptimizer } from '../training/pruning-optimizer.ts';
import { adderObjective, countAdders } from './adder-objective.ts';
import { attributesForObjective } from './attributes-for-objective.ts';
import { ebopsObjective } from './ebops-objective.ts';
import { firmwareObjective } from './firmware-objective.ts';
import type { ObjectiveEstimator } from './objective-estimator.ts';

function network(): tf.LayersModel {
  const glorot = (seed: number) => tf.initializers.glorotNormal({ seed });
  const input = tf.input({ shape: [8, 8, 1] });
  const [features, mask] = inputReduce({ n: 8, threshold: 0.1, name: 'reduce', learnN: false }).apply(
    input,
  ) as tf.SymbolicTensor[];
  const conv = qConv2DSparse({
    ...{ name: 'c', filters: 3, kernelSize: 3, activation: 'relu', kernelInitializer: glorot(1) },
    iqConf: { heterogeneousAxis: [-1] },
  });
  const flat = sparseFlatten({ name: 'f' }).apply([conv.apply([features, mask]) as tf.SymbolicTensor, mask]);
  const dense = qDense({ name: 'd', units: 4, kernelInitializer: glorot(2) });
  return tf.model({ inputs: input, outputs: dense.apply(flat as tf.SymbolicTensor) as tf.SymbolicTensor });
}

/** Savings of all groups of a layer, with single weights. */
function savings(model: tf.LayersModel, objective: ObjectiveEstimator, layer: LayerAttributes): readonly number[] {
  const kernel = prunableKernel(model.getLayer(layer.name))?.variable as tf.Variable;
  const groups = groupsOf(layer.kind ?? 'dense', layer.weightShape, layer.optimizationAttributes, 'test');
  const all = objective.groupSavings?.(layer, { ...groups, weights: kernel.dataSync<'float32'>() });
  return (all ?? []).map(([saving]) => saving);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);

describe('objectives of ours', () => {
  let model: tf.LayersModel;
  beforeAll(async () => {
    model = network();
    await traceMinMax(model, tf.randomUniform([8, 8, 8, 1], 0, 1, 'float32', 3));
  });

  it('EBOPs: what weights bring is the layer’s, but for what biases bring', () => {
    const objective = ebopsObjective(model);
    const { attributes, notes } = attributesForObjective(attributesFromModel(model), objective);
    expect(notes).toEqual([]);
    const conv = attributes.get('c') as LayerAttributes;
    // The sparse convolution counts no bias.
    expect(objective.layerResources(conv)).toEqual([(model.getLayer('c') as unknown as { ebops: number }).ebops]);
    const own = savings(model, objective, conv);
    expect(own).toHaveLength(27);
    expect(Math.abs(sum(own) - objective.layerResources(conv)[0])).toBeLessThanOrEqual(14);
  });

  it('EBOPs: pruned and released weights cost none, through training on the fused engine', async () => {
    const pruned = network();
    await traceMinMax(pruned, tf.randomUniform([8, 8, 8, 1], 0, 1, 'float32', 3));
    const objective = ebopsObjective(pruned);
    const { attributes } = attributesForObjective(attributesFromModel(pruned), objective);
    const before = totalEbops(pruned);
    const masks = await getModelMasks(pruned, attributes, 0.6, objective, { local: true });
    applyMasks(pruned, masks);
    const zeros = [...masks.masks.values()].flatMap((mask) => [...mask]).filter((bit) => bit === 0).length;
    expect(releaseBits(pruned, masks)).toBe(zeros);
    expect(zeros).toBeGreaterThan(20);
    expect(totalEbops(pruned)).toBeLessThan(0.5 * before);
    const images = tf.randomUniform([32, 8, 8, 1], 0, 1, 'float32', 4).dataSync<'float32'>().slice();
    const data = {
      images,
      labels: Int32Array.from({ length: 32 }, (_, j) => j % 4),
      shape: [8, 8, 1] as const,
      classes: 4,
    };
    const bits = (): Float32Array =>
      pruned.weights
        .find(({ originalName }) => originalName === 'd/kq/b')
        ?.read()
        .dataSync<'float32'>()
        .slice() ?? new Float32Array(0);
    const released = bits();
    const optimizer = pruningOptimizer(adam(), pruned, { masks });
    const { engine } = await fit(pruned, data, {
      epochs: 3,
      batchSize: 8,
      learningRate: 0.02,
      optimizer,
      threads: 1,
      say: () => {},
    });
    expect(engine).toBe('fused');
    const mask = masks.masks.get('d') as Float32Array;
    const after = bits();
    for (const j of mask.keys()) if (mask[j] === 0) expect(after[j]).toBe(released[j]);
    expect(totalEbops(pruned)).toBeLessThan(0.6 * before);
  });

  it('adders: pruning by terms of sums lowers the shared graph', async () => {
    const objective = adderObjective(model);
    const { attributes } = attributesForObjective(attributesFromModel(model), objective);
    const dense = attributes.get('d') as LayerAttributes;
    const own = savings(model, objective, dense);
    expect(sum(own)).toBe(objective.layerResources(dense)[0]);
    expect(Math.min(...own)).toBe(1);
    const before = countAdders(model);
    const pruned = network();
    for (const [j, weight] of pruned.weights.entries()) (weight.read() as tf.Variable).assign(model.weights[j].read());
    const masks = await getModelMasks(pruned, attributes, 0.5, objective);
    expect(masks.resources[0]).toBeLessThanOrEqual(
      sum([...attributes.values()].map((layer) => objective.layerResources(layer)[0])) / 2,
    );
    applyMasks(pruned, masks);
    const after = countAdders(pruned);
    for (const name of ['c', 'd']) expect(after.get(name)).toBeLessThan(0.75 * (before.get(name) ?? 0));
  });

  it('adders: also of layers of QKeras; of layers without a quantizer there are none', () => {
    const input = tf.input({ shape: [3] });
    const y = qkerasDense({
      name: 'k',
      units: 2,
      kernelQuantizer: 'quantized_bits(4,3,alpha=1)',
      useBias: false,
    }).apply(input);
    const small = tf.model({
      inputs: input,
      outputs: tf.layers.dense({ name: 'p', units: 2 }).apply(y) as tf.SymbolicTensor,
    });
    const codes = [7, 1, -3, 0, 5, 6];
    prunableKernel(small.getLayer('k'))?.variable.assign(tf.tensor2d(codes, [3, 2]));
    expect([...countAdders(small)]).toEqual([['k', adderCount(shareAdders(codes, 3, 2))]]);
    expect(adderObjective(small).layerResources(attributesFromModel(small).get('k') as LayerAttributes)).toEqual([
      2 + 1 + 2 + 1 + 2 + 2,
    ]);
    expect(
      adderObjective(small).isLayerOptimizable(attributesFromModel(small).get('p') as LayerAttributes).optimizable,
    ).toBe(false);
  });

  it('firmware: shares out what the caller says that layers cost', () => {
    const costs = (graph: { readonly nodes: readonly { readonly name: string; readonly layer?: string }[] }) =>
      graph.nodes.map(({ name, layer = name }) => ({ layer, lut: layer === 'd' ? 250.5 : 0, ff: 0 }));
    const lower = { inputType: 'ap_ufixed<8,1>' };
    const objective = firmwareObjective('lut', model, costs, { lower });
    const { attributes } = attributesForObjective(attributesFromModel(model), objective);
    const dense = attributes.get('d') as LayerAttributes;
    const [parts] = objective.layerResources(dense);
    expect(parts % 250500).toBe(0);
    expect(parts).toBeGreaterThan(0);
    const own = savings(model, objective, dense);
    expect(sum(own)).toBeLessThanOrEqual(parts);
    expect(sum(own)).toBeGreaterThan(parts - own.length);
    expect(objective.isLayerOptimizable(attributes.get('c') as LayerAttributes).optimizable).toBe(false);
    expect(() => firmwareObjective('ff', model, costs, { lower })).toThrow('no layer with a kernel has any ff');
    expect(() => firmwareObjective('lut', model, () => [{ layer: 'd', lut: Number.NaN }], { lower })).toThrow(
      OptionError,
    );
  });
});
