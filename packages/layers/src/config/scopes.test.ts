import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerConfigScope, qDense, quantizerConfig, quantizerConfigScope, setBackend } from '../index.ts';
import { minMax } from '../quantizer/constraint.ts';
import type { FixedQuantizerConfig } from './quantizer-settings.ts';

beforeAll(() => setBackend('cpu'));

const fixed = (options: Parameters<typeof quantizerConfig>[0]): FixedQuantizerConfig =>
  quantizerConfig(options) as FixedQuantizerConfig;

describe('quantizerConfig', () => {
  it('has the defaults of HGQ2 0.1.9', () => {
    expect(fixed({ place: 'weight' })).toMatchObject({
      qType: 'kbi',
      b0: 8,
      i0: 2,
      overflowMode: 'SAT_SYM',
      roundMode: 'RND',
      bc: minMax(0, 23),
      br: 1e-8,
      ic: null,
      ir: 0,
      iDecaySpeed: Number.POSITIVE_INFINITY,
      homogeneousAxis: [],
      heterogeneousAxis: null,
      isWeight: true,
      trainable: true,
      k0: true,
    });
    expect(fixed({ place: 'bias' })).toMatchObject({
      qType: 'kbi',
      b0: 8,
      i0: 2,
      overflowMode: 'WRAP',
      bc: minMax(0, 24),
      iDecaySpeed: 0.01,
      isWeight: false,
    });
    expect(fixed({ place: 'table' })).toMatchObject({
      qType: 'kbi',
      overflowMode: 'SAT_SYM',
      homogeneousAxis: null,
      heterogeneousAxis: [],
    });
    expect(fixed({})).toMatchObject({
      qType: 'kif',
      place: 'datalane',
      i0: 2,
      f0: 6,
      overflowMode: 'WRAP',
      ic: minMax(-23, 23),
      fc: minMax(-24, 24),
      ir: 1e-8,
      fr: 1e-8,
      homogeneousAxis: [0],
    });
  });

  it('lets one axis list replace the other, and refuses both', () => {
    expect(fixed({ heterogeneousAxis: [-1] })).toMatchObject({ heterogeneousAxis: [-1], homogeneousAxis: null });
    expect(() => quantizerConfig({ heterogeneousAxis: [-1], homogeneousAxis: [0] })).toThrow(/not both/);
  });

  it('refuses what it does not know', () => {
    expect(() => quantizerConfig({ b0: 3 })).toThrow(/unknown parameter 'b0'/);
    expect(() => quantizerConfig({ overflowMode: 'SYM' as 'SAT' })).toThrow(/no 'SYM'; use SAT_SYM/);
    expect(() => quantizerConfig({ iDecaySpeed: -1 })).toThrow(/iDecaySpeed = -1/);
    expect(() => quantizerConfig({ i0: 1, f0: -2 })).toThrow(/i0 \+ f0 = -1/);
    expect(fixed({ roundMode: 'S_RND_CONV' as 'RND' }).roundMode).toBe('RND_CONV');
  });

  it('is immutable and has no parameters when dummy', () => {
    expect(Object.isFrozen(quantizerConfig())).toBe(true);
    expect(quantizerConfig({ qType: 'dummy', i0: 3 })).toEqual({ qType: 'dummy', place: 'datalane' });
  });
});

describe('quantizerConfigScope', () => {
  it('nests: inner scopes win parameter by parameter, and end', () => {
    quantizerConfigScope({ f0: 3, i0: 5 }, () => {
      quantizerConfigScope({ place: 'datalane', f0: 1 }, () => {
        expect(fixed({})).toMatchObject({ f0: 1, i0: 5 });
        expect(fixed({ qType: 'kif', place: 'weight' })).toMatchObject({ f0: 3, i0: 5 });
        expect(fixed({ f0: 9 })).toMatchObject({ f0: 9, i0: 5 });
      });
      expect(fixed({})).toMatchObject({ f0: 3, i0: 5 });
    });
    expect(fixed({})).toMatchObject({ f0: 6, i0: 2 });
  });

  it('derives the third of b, i, f and skips parameters a type does not have', () => {
    quantizerConfigScope({ f0: 3, b0: 7 }, () => {
      expect(fixed({ qType: 'kif' })).toMatchObject({ i0: 4, f0: 3 });
      expect(fixed({ qType: 'kbi' })).toMatchObject({ i0: 4, b0: 7 });
      expect(fixed({ qType: 'kbi' })).not.toHaveProperty('f0');
    });
  });

  it('sets the default type of places, dummy included', () => {
    quantizerConfigScope({ place: ['weight', 'bias'], defaultQType: 'kif' }, () => {
      expect(quantizerConfig({ place: 'weight' }).qType).toBe('kif');
      expect(quantizerConfig({ place: 'table' }).qType).toBe('kbi');
      quantizerConfigScope({ place: 'weight', defaultQType: 'dummy' }, () => {
        expect(quantizerConfig({ place: 'weight' }).qType).toBe('dummy');
        expect(quantizerConfig({ place: 'weight', qType: 'kbi' }).qType).toBe('kbi');
      });
    });
  });

  it('is read when a layer is made, and a config keeps what it captured', () => {
    const captured = quantizerConfigScope({ place: 'datalane', f0: 1 }, () => quantizerConfig());
    const layer = quantizerConfigScope({ place: 'datalane', f0: 2, overflowMode: 'SAT' }, () => [
      qDense({ units: 1 }),
      qDense({ units: 1, iqConf: captured }),
      qDense({ units: 1, iqConf: { f0: 5 } }),
    ]);
    expect(layer.map(({ iq }) => (iq!.config as FixedQuantizerConfig).f0)).toEqual([2, 1, 5]);
    expect(layer.map(({ iq }) => (iq!.config as FixedQuantizerConfig).overflowMode)).toEqual(['SAT', 'WRAP', 'SAT']);
  });

  it('ends when its body throws, and refuses asynchronous bodies and unknown names', () => {
    expect(() =>
      quantizerConfigScope({ f0: 1 }, () => {
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(fixed({}).f0).toBe(6);
    expect(() => quantizerConfigScope({ f0: 1 }, async () => {})).toThrow(/must not be asynchronous/);
    expect(() => quantizerConfigScope({ place: 'output' as 'bias' }, () => {})).toThrow(/unknown place 'output'/);
    expect(() => quantizerConfigScope({ q0: 1 } as object, () => {})).toThrow(/unknown parameter 'q0'/);
  });
});

describe('layerConfigScope', () => {
  it('sets layer defaults setting by setting', () => {
    layerConfigScope({ beta0: 1e-3, enableOq: true }, () => {
      layerConfigScope({ enableIq: false }, () => {
        const layer = qDense({ units: 1 });
        expect(layer).toMatchObject({ beta0: 1e-3, enableOq: true, enableIq: false, enableEbops: false, iq: null });
      });
      expect(qDense({ units: 1, enableOq: false })).toMatchObject({
        enableOq: false,
        enableIq: true,
        enableEbops: true,
      });
    });
    expect(qDense({ units: 1 })).toMatchObject({ beta0: 1e-5, enableOq: false });
    expect(() => layerConfigScope({ beta: 1 } as object, () => {})).toThrow(/unknown setting 'beta'/);
    expect(() => qDense({ units: 1, enableIq: false, enableEbops: true, name: 'd' })).toThrow(
      /Layer 'd': enableEbops needs/,
    );
  });

  it('and layers refuse weights of the loss that are no numbers from 0', () => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const layer = (args: object): unknown => qDense({ units: 1, name: 'd', ...args });
      expect(() => layer({ beta0: value })).toThrow(/Layer 'd': beta0 = .*expected a finite number ≥ 0/);
      expect(() => layer({ ebopsFactor: value })).toThrow(/Layer 'd': ebopsFactor = .*expected a finite number ≥ 0/);
      expect(() => layerConfigScope({ beta0: value }, () => layer({}))).toThrow(/beta0/);
      const built = qDense({ units: 1 });
      built.apply(tf.input({ shape: [2] }));
      expect(() => {
        built.beta = value;
      }).toThrow(/beta = /);
    }
    expect(qDense({ units: 1, beta0: 0, ebopsFactor: 0 })).toMatchObject({ beta0: 0, ebopsFactor: 0 });
  });
});
