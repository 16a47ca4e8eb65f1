import { decode, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { lower, quantizer, setBackend } from '../index.ts';
import { foldedBeforeCarry } from './fold-before-carry.ts';

const config = { qType: 'kif', i0: 1, f0: 2, overflowMode: 'WRAP_SM', foldsBeforeCarry: true } as const;

function model(bits: object = {}): tf.LayersModel {
  const input = tf.input({ shape: [6], name: 'x' });
  const layer = quantizer({ name: 'q', config: { ...config, heterogeneousAxis: [], ...bits } });
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
}

describe('a quantizer that mirrors before the rounding carry', () => {
  beforeAll(() => setBackend('cpu'));

  it.each(['RND', 'RND_CONV'] as const)('is a table of the same numbers, %s', (roundMode) => {
    const values = Float32Array.from({ length: 12 * 64 }, (_, j) => j / 32 - 12);
    const network = model({ roundMode });
    const inference = network.predict(tf.tensor(values, [128, 6])) as tf.Tensor;
    expect([...inference.dataSync()]).toEqual(
      Array.from(values, (value) => foldedBeforeCarry(value, { k: 1, i: 1, f: 2 }, roundMode)),
    );
    const graph = lower(network, { inputType: 'ap_fixed<10,5>' });
    const { outputs } = interpret(graph, values);
    const node = graph.nodes.at(-1);
    expect(node?.op).toBe('lut');
    expect(decode(node as never, outputs['q.q'])).toEqual(Float64Array.from(inference.dataSync()));
  });

  it('is a rounding step where no value can carry into another repetition', () => {
    expect(lower(model(), { inputType: 'ap_fixed<7,5>' }).nodes.at(-1)?.op).toBe('requantize');
    expect(lower(model(), { inputType: 'ap_fixed<12,2>' }).nodes.at(-1)?.op).toBe('requantize');
  });

  it('asks for a format of the input', () => {
    expect(() => lower(model())).toThrow(/Layer 'q': quantizer 'q\/iq' mirrors values.*Give lower inputType/);
    expect(() => lower(model(), { inputType: 'ap_fixed<24,5>' })).toThrow(/Layer 'q'.*table.*24 address bits/);
  });
});
