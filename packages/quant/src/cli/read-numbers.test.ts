import { describe, expect, it } from 'vitest';
import { readNumbers } from './read-numbers.ts';

describe('readNumbers', () => {
  it.each([
    ['[[1, -2.5], [[3e-1]]]', [1, -2.5, 0.3]],
    [' [0]', [0]],
    ['1 2\n3,4', [1, 2, 3, 4]],
    ['1, 2,\n3, 4,\n', [1, 2, 3, 4]],
  ])('reads %j', (text, numbers) => {
    expect(readNumbers('images', text)).toEqual(numbers);
  });

  it.each([
    ['[]', 'images: no numbers in it; give at least one image'],
    ['[[], []]', 'images: no numbers in it; give at least one image'],
    [' \n', 'images: no numbers in it; give at least one image'],
    ['[[1, null]]', 'images: [0][1] is null (JSON.stringify writes NaN and Infinity so), no finite number'],
    ['[true]', 'images: [0] is true, no finite number'],
    ['[1, ""]', 'images: [1] is "", no finite number'],
    ['[1, ["2"]]', 'images: [1][0] is "2", no finite number'],
    ['[1e999]', 'images: [0] is Infinity, no finite number'],
    ['1 x', 'images: entry 2 is "x", no finite number'],
    ['[1,', 'images: is not valid JSON: '],
    ['['.repeat(1e6), 'images: is nested deeper than 256 levels'],
  ])('refuses %j', (text, message) => {
    expect(() => readNumbers('images', text)).toThrow(message);
  });
});
