import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { qDense } from '../layers/q-dense.ts';
import { modelState } from '../model/model-state.ts';
import { assignVariables } from './assign-variables.ts';
import type { VariableValue } from './stored-variables.ts';

beforeAll(() => setBackend('cpu'));

function network(): tf.LayersModel {
  const input = tf.input({ shape: [2] });
  const bqConf = { overflowMode: 'SAT' } as const;
  return tf.model({
    inputs: input,
    outputs: qDense({ units: 1, bqConf, name: 'd' }).apply(input) as tf.SymbolicTensor,
  });
}

function values(model: tf.LayersModel, changed: Record<string, number[]> = {}): Map<string, VariableValue> {
  const now = [...modelState(model)].filter(([name]) => !name.endsWith('/traced'));
  return new Map(now.map(([name, { shape, values }]) => [name, { shape, data: changed[name] ?? values }]));
}

describe('assignVariables', () => {
  it.each([
    ['as configured', [2, 2], [1, 1], 0],
    ['trained since', [1.99, 3], [1, 0], 0],
    ['reset and never reached', [-1e9, 3], [0, 1], 0],
    ['traced', [-7, 3], [0, 1], 1],
    ['traced, unsigned', [2, 2], [0, 0], 1],
  ])('recognises a WRAP quantizer that is %s', (_, i, k, expected) => {
    const model = network();
    assignVariables(model, values(model, { 'd/iq/i': i, 'd/iq/k': k }));
    const state = modelState(model);
    expect(Array.from(state.get('d/iq/i')?.values ?? [])).toEqual(i.map(Math.fround));
    expect(state.get('d/iq/traced')?.values[0]).toBe(expected);
  });

  it('takes formats as configured for traced when it is told that the model ran', () => {
    const model = network();
    const mark = (): number | undefined => modelState(model).get('d/iq/traced')?.values[0];
    assignVariables(model, values(model), true);
    expect(mark()).toBe(1);
    assignVariables(model, values(model), false);
    expect(mark()).toBe(0);
    assignVariables(model, values(model, { 'd/iq/i': [1.99, 2] }), true);
    expect(mark()).toBe(0);
  });

  it('refuses missing, unknown and misshapen variables by name', () => {
    const model = network();
    const missing = values(model);
    missing.delete('d/kernel');
    expect(() => assignVariables(model, missing)).toThrow("no value for the variable 'd/kernel'");
    const unknown = values(model).set('e/kernel', { shape: [1], data: [1] });
    expect(() => assignVariables(model, unknown)).toThrow("no variable 'e/kernel'");
    const misshapen = values(model).set('d/kernel', { shape: [1, 3], data: [1, 2, 3] });
    expect(() => assignVariables(model, misshapen)).toThrow(/'d\/kernel' has shape \[2,1\].* \[1,3\]/);
  });
});
