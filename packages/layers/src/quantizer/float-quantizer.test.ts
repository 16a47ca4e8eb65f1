import { quantizeMinifloat } from '@sp/quant';
import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import golden from '../../test/fixtures/hgq2-vectors.json' with { type: 'json' };
import type { FloatParameters, FloatQuantizerConfig } from '../config/quantizer-settings.ts';
import { lower, qDense, quantizer, quantizerConfig, quantizerConfigScope, setBackend } from '../index.ts';
import { minMax } from './constraint.ts';
import { FloatQuantizer } from './float-quantizer.ts';
import { StateVariable } from './state-variable.ts';

/** A quantizer with one format and free-standing variables. */
function make(parameters: Partial<FloatParameters>): FloatQuantizer {
  const config = quantizerConfig({ qType: 'float', ...parameters }) as FloatQuantizerConfig;
  const made = new FloatQuantizer(config, 'test/q');
  made.build([null, 1], ({ shape, initial, trainable, constraint }) => {
    const variable = tf.variable(tf.fill([...shape], initial), trainable);
    return new StateVariable({ read: () => variable } as unknown as tf.LayerVariable, constraint);
  });
  return made;
}

function values(made: FloatQuantizer, x: readonly number[]): number[] {
  return tf.tidy(() => [...made.call(tf.tensor2d([...x], [x.length, 1]), 'inference').dataSync()]);
}

/** `∂y / ∂ (x, m, e, e0)` at one number. */
function gradients(made: FloatQuantizer, x: number): number[] {
  return tf.tidy(() => {
    const { m, e, e0 } = made.state;
    const input = tf.variable(tf.tensor2d([[x]]));
    const variables = [input, m.variable, e.variable, e0.variable];
    const { grads } = tf.variableGrads(() => tf.sum(made.call(input, 'training')) as tf.Scalar, variables);
    return variables.map(({ name }) => grads[name].dataSync()[0]);
  });
}

beforeAll(() => setBackend('cpu'));

describe('FloatQuantizer', () => {
  it('gives the recorded values', () => {
    for (const { m, e, e0, y } of golden.float) {
      expect(values(make({ m0: m, e0: e, e00: e0 }), golden.float_x), `${m} ${e} ${e0}`).toEqual(y);
    }
  });

  it('agrees with the exact minifloat of the interpreter on random numbers', () => {
    const random = seededRandom(5);
    const x = Array.from({ length: 500 }, () => Math.fround((2 * random() - 1) * 2 ** (8 * random() - 5)));
    for (const [m, e, e0] of [
      [0, 1, 0],
      [3, 3, -2],
      [7, 4, 3],
      [-1, 2, 1],
      [2, 0, -1],
    ]) {
      expect(values(make({ m0: m, e0: e, e00: e0 }), x)).toEqual(
        x.map((value) => quantizeMinifloat(value, { m, e, e0 })),
      );
    }
  });

  it('has the gradients of the reference, also when saturated', () => {
    const made = make({ m0: 2, e0: 2 });
    const expected: Record<string, readonly number[]> = {
      '0.1': [1, -0.017329, -0.024023, 0.017329],
      '0.3': [1, 0.034657, 0.048045, -0.034657],
      '1.3': [1, 0.034657, 0, 0],
      '3.3': [1, -0.138629, 0, 0],
      '7': [1, 0, 3.363171, 2.426015],
      '-7': [1, 0, -3.363171, -2.426015],
    };
    for (const [x, gradient] of Object.entries(expected)) {
      for (const [j, got] of gradients(made, Number(x)).entries()) expect(got, x).toBeCloseTo(gradient[j], 6);
    }
  });

  it('has the gradients of its formulas on random numbers', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 300; round++) {
      const [m, e, e0] = [Math.floor(6 * random()) - 1, Math.floor(4 * random()), Math.floor(4 * random()) - 2];
      const x = Math.fround((2 * random() - 1) * 2 ** (8 * random() - 4));
      const reach = Math.max(2 ** (e - 1), 1);
      const [low, high] = [e0 + 1 - reach, e0 + reach - 1];
      const exponent = Math.floor(Math.log2(Math.abs(x) + 1e-7));
      const step = 2 ** (Math.min(Math.max(exponent, low), high) - m);
      const rounded = step * (Number.isInteger(x / step - 0.5) ? 2 * Math.round(x / step / 2) : Math.round(x / step));
      const error = Math.LN2 * (x - quantizeMinifloat(x, { m, e, e0 }));
      const outside = exponent < low || exponent > high ? error : 0;
      const expected = [
        1,
        exponent <= high ? Math.LN2 * (x - rounded) : 0,
        outside * Math.LN2 * reach,
        exponent > high ? outside : -outside,
      ];
      for (const [j, got] of gradients(make({ m0: m, e0: e, e00: e0 }), x).entries()) {
        expect(got, `${m} ${e} ${e0}: ${x}`).toBeCloseTo(expected[j], 5);
      }
    }
  });

  it('trains through a layer within its constraints, and costs m + e + 1 bits', () => {
    const input = tf.input({ shape: [3] });
    const layer = qDense({ units: 2, kqConf: { qType: 'float', m0: 3, e0: 3, mc: minMax(2, 4) }, name: 'dense' });
    layer.apply(input);
    const [kq] = [layer.quantizers.get('kq')!];
    expect([...kq.bits().values]).toEqual(new Array(6).fill(7));
    const names = layer.trainableWeights.map(({ originalName }) => originalName);
    expect(names.filter((name) => /kq/.test(name))).toEqual(['dense/kq/m', 'dense/kq/e', 'dense/kq/e0']);
    const optimizer = tf.train.sgd(10);
    const x = tf.tensor2d([[1, 2, 3]]);
    optimizer.minimize(() => tf.sum(tf.square(layer.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar);
    const m = layer.trainableWeights[names.indexOf('dense/kq/m')].read().dataSync();
    expect(Math.min(...m)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...m)).toBeLessThanOrEqual(4);
    expect(new Set(m).size).toBeGreaterThan(1);
  });

  it('can be a default of scopes, with one format per weight', () => {
    const layer = quantizerConfigScope({ place: 'weight', defaultQType: 'float', m0: 1, f0: 3 }, () =>
      qDense({ units: 2 }),
    );
    expect(layer.kq.config).toMatchObject({ qType: 'float', m0: 1, e0: 4, homogeneousAxis: [] });
    expect(() => quantizerConfig({ qType: 'float', b0: 3 })).toThrow(/unknown parameter 'b0'.*m0, e0/);
    expect(quantizerConfig({ qType: 'float', place: 'bias' })).toMatchObject({
      homogeneousAxis: [],
      heterogeneousAxis: null,
    });
  });

  it('is lowered as weights, as a table, or refused', () => {
    const input = tf.input({ shape: [3], name: 'x' });
    const q = quantizer({ name: 'q', config: { qType: 'float', m0: 1, e0: 2 } });
    const y = qDense({
      units: 2,
      enableIq: false,
      kqConf: { qType: 'float' },
      bqConf: { overflowMode: 'SAT' },
      name: 'd',
    });
    const model = tf.model({ inputs: input, outputs: y.apply(q.apply(input)) as tf.SymbolicTensor });
    const graph = lower(model, { inputType: 'ap_fixed<6,2>' });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['input', 'lut', 'dense']);
    expect(() => lower(model, { inputType: 'ap_fixed<20,2>' })).toThrow(/Layer 'q': minifloat.*more than 16 bits/);
    expect(() => lower(model)).toThrow(/format of the model input 'x' is not known/);
  });
});
