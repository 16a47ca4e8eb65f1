import { qDense } from '@sp/layers';
import { hDense } from '@sp/layers/hgq1';
import { qkerasConv2D, qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { upperOrLower } from '../../../test/small-sparse-model.ts';
import * as prune from '../index.ts';
import { zeroStaysZero } from './zero-weights.ts';

function qkeras(kernelQuantizer: string | null): tf.layers.Layer {
  const layer = qkerasDense({ name: 'q', units: 3, kernelQuantizer });
  layer.apply(tf.input({ shape: [4] }));
  return layer;
}

describe('weights that cannot be 0', () => {
  it.each([
    'binary()',
    "binary(alpha='auto')",
    "binary(alpha='auto_po2')",
    'quantized_po2(4)',
    'quantized_bits(1,0,1,alpha=1)',
  ])('are those of %s', (quantizer) => {
    const layer = qkeras(quantizer);
    const before = layer.getWeights()[0].dataSync().slice();
    expect(zeroStaysZero(layer)).toBe(false);
    // Asking changes nothing.
    expect(layer.getWeights()[0].dataSync()).toEqual(before);
  });

  it.each([null, 'ternary()', 'quantized_bits(4,0,1)', "quantized_bits(4,0,1,alpha='auto')", 'binary(use_01=True)'])(
    'are not those of %s',
    (quantizer) => {
      // Of `binary(use_01=True)` 0 is 1: a sign of 0 is positive.
      expect(zeroStaysZero(qkeras(quantizer))).toBe(quantizer !== 'binary(use_01=True)');
    },
  );

  it('are not those of layers of ours, stock ones and HGQ v1’s', () => {
    for (const layer of [qDense({ units: 3 }), tf.layers.dense({ units: 3 }), hDense({ units: 3 })]) {
      layer.apply(tf.input({ shape: [4] }));
      expect(zeroStaysZero(layer)).toBe(true);
    }
  });

  const input = (): tf.SymbolicTensor => tf.input({ shape: [6, 6, 1] });
  function model(): tf.LayersModel {
    const x = input();
    const conv = qkerasConv2D({ name: 'signs', filters: 2, kernelSize: 3, kernelQuantizer: 'binary()' }).apply(x);
    const out = qkerasDense({ name: 'out', units: 2, kernelQuantizer: 'quantized_bits(6,0,1)' });
    const outputs = out.apply(tf.layers.flatten().apply(conv)) as tf.SymbolicTensor;
    return tf.model({ inputs: x, outputs });
  }

  it('are refused by masks, wherever they are made or held', async () => {
    const made = model();
    const { attributes } = prune.attributesForObjective(prune.attributesFromModel(made), prune.parameterObjective);
    const message = "weights of layer 'signs' (QKerasConv2D) cannot be 0: its quantizer has no such value";
    await expect(prune.getModelMasks(made, attributes, 0.5, prune.parameterObjective)).rejects.toThrow(message);
    const half = Float32Array.from({ length: 18 }, (_, j) => j % 2);
    const masks = { masks: new Map([['signs', half]]), offsets: new Map([['signs', new Float32Array(18)]]) };
    expect(() => prune.applyMasks(made, masks)).toThrow(message);
    expect(() =>
      prune.pruningOptimizer({ step() {}, state: () => ({ step: 0, slots: [] }), restore() {} }, made, { masks }),
    ).toThrow(message);
    // Shared weights may be ±1.
    const shared = { ...masks, offsets: new Map([['signs', half.map((bit) => 1 - bit)]]) };
    prune.applyMasks(made, shared);
    expect(made.getLayer('signs').getWeights()[0].dataSync()[0]).toBe(1);
  });

  it('are left alone by optimizeModel, which says so', async () => {
    const said: string[] = [];
    const result = await prune.optimizeModel(
      model(),
      prune.attributesFromModel(model()),
      prune.parameterObjective,
      prune.constantSparsity({ initialSparsity: 0.5, updateStep: 0.5, finalSparsity: 0.5 }),
      {
        data: upperOrLower(32, 1),
        validation: upperOrLower(32, 2),
        epochs: 2,
        rtol: 0.1,
        tuner: 'Manual',
        say: (line) => said.push(line),
      },
    );
    expect(result.notes).toEqual([
      "Layer 'signs': its weights cannot be 0 (QKerasConv2D, by its quantizer); it is not optimised",
    ]);
    expect(said).toContain(`optimizeModel: ${result.notes[0]}`);
    expect([...(result.masks?.masks.keys() ?? [])]).toEqual(['out']);
  });
});
