import { decode, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import { lower, setBackend } from '../index.ts';

const init = { kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }) };

function plain(): tf.LayersModel {
  return tf.sequential({
    name: 'plain',
    layers: [
      tf.layers.conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: 'relu', ...init, name: 'conv' }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, name: 'deep' }),
      tf.layers.flatten({ name: 'flat' }),
      tf.layers.dense({ units: 4, activation: 'tanh', ...init, name: 'hidden' }),
      tf.layers.dense({ units: 3, activation: 'softmax', ...init, name: 'head' }),
    ],
  });
}

describe('lower in a given precision', () => {
  beforeAll(() => setBackend('cpu'));

  it('comes near the float model, and nearer with more bits', () => {
    const model = plain();
    const x = gridTensor([8, 6, 6, 2], 3, 5);
    const logits = tf.sequential({ layers: model.layers.slice(0, -1) });
    const float = Array.from((logits.predict(x) as tf.Tensor).dataSync());
    const errors = [8, 12, 16].map((width) => {
      const graph = lower(logits, { precision: `ap_fixed<${width},4,RND,SAT>` });
      const node = graph.nodes.find(({ name }) => name === graph.outputs[0])!;
      const exact = decode(node, interpret(graph, x.dataSync<'float32'>()).outputs[node.name]);
      return float.reduce((most, value, j) => Math.max(most, Math.abs(value - exact[j])), 0);
    });
    expect(errors[0]).toBeLessThan(0.5);
    expect(errors[1]).toBeLessThan(errors[0]);
    expect(errors[2]).toBeLessThan(0.003);
    expect(lower(model, { precision: 'ap_fixed<12,4>' }).outputs).toEqual(['head.result']);
  });

  it('takes types by name before kind before model', () => {
    const graph = lower(plain(), {
      precision: {
        model: 'ap_fixed<12,4>',
        types: { Dense: { result: 'ap_fixed<10,3>', accum: 'ap_fixed<20,8>' } },
        layers: { head: { result: 'ap_fixed<9,2>' } },
      },
    });
    const to = (name: string) => {
      const node = graph.nodes.find((each) => each.name === name);
      return node?.op === 'requantize' ? [node.to.i[0], node.to.f[0]] : null;
    };
    expect([to('conv.result'), to('head.accum'), to('head.result')]).toEqual([
      [3, 8],
      [7, 12],
      [1, 7],
    ]);
    expect(() => lower(plain(), { precision: { model: 'ap_fixed<12,4>', layers: { haed: 'ap_fixed<8,2>' } } })).toThrow(
      /precision.layers names 'haed'.*It has.*head/,
    );
    expect(() => lower(plain(), { precision: 'auto' })).toThrow(/precision.*'auto'/);
    expect(() => lower(plain(), { inputType: 'ap_fixed<8,2>' })).toThrow(/Layer 'conv': its weights are floats/);
  });
});
