import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it, vi } from 'vitest';
import { setBackend } from './set-backend.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('takes wasm by default, says so in one line and prints nothing', async () => {
  const printed = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
  const choice = await setBackend();
  expect(choice.backend).toBe('wasm');
  expect(choice.note).toMatch(/^backend wasm[^\n]*$/);
  expect(tf.getBackend()).toBe('wasm');
  const cpu = await setBackend('cpu');
  expect(cpu).toEqual({ backend: 'cpu', note: expect.stringMatching(/^backend cpu[^\n]*$/) });
  expect(tf.getBackend()).toBe('cpu');
  tf.tidy(() => tf.add(tf.scalar(1), 1).dataSync());
  await setBackend('wasm');
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});

it('moves tensors between the backends', async () => {
  await setBackend('wasm');
  const x = tf.tensor1d([1, 2, 3]);
  await setBackend('cpu');
  expect(Array.from(tf.mul(x, 2).dataSync())).toEqual([2, 4, 6]);
});

it('refuses an unknown name', async () => {
  await expect(setBackend('webgl' as 'cpu')).rejects.toThrow(/unknown backend 'webgl'.*'auto', 'wasm' or 'cpu'/);
});
