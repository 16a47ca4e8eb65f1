import { expect, it } from 'vitest';
import { nonZeros } from './non-zeros.ts';

it('lists the non-zero values of any tensor type, at any length', () => {
  for (let length = 0; length < 40; length++) {
    for (const step of [1, 3, 11]) {
      const expected = Array.from({ length }, (_, i) => i).filter((i) => i % step === 0);
      for (const array of [new Float32Array(length), new Int32Array(length), new Uint8Array(length)]) {
        for (const i of expected) array[i] = i % 2 === 0 ? 1 : 7;
        expect(Array.from(nonZeros(array))).toEqual(expected);
      }
    }
  }
});

it('takes a negative zero for a zero, and the least integer for none', () => {
  const gradient = Float32Array.from({ length: 20 }, (_, i) => (i === 9 || i === 18 ? -1e-40 : -0));
  expect(Array.from(nonZeros(gradient))).toEqual([9, 18]);
  expect(Array.from(nonZeros(Int32Array.of(0, -(2 ** 31), 0, 0, 0, 0, 0, 0, 0)))).toEqual([1]);
});

it('reads a view that starts inside its buffer', () => {
  const view = new Float32Array(new Float32Array([1, 0, -0.5, 0, Number.NaN]).buffer, 4);
  expect(Array.from(nonZeros(view))).toEqual([1, 3]);
});
