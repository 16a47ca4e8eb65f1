import { describe, expect, it } from 'vitest';
import { identifier, identifiers } from './identifiers.ts';

describe('identifier', () => {
  it('makes C++ names of anything', () => {
    expect(['conv1', 'q_conv2d/kernel:0', '2nd', 'input', '__x__', '日本', 'while'].map(identifier)).toEqual([
      'conv1',
      'q_conv2d_kernel_0',
      'n2nd',
      'input_value',
      'x',
      'node',
      'while_value',
    ]);
  });
});

describe('identifiers', () => {
  it('keeps them and what is derived from them apart', () => {
    const derived = (id: string) => [`${id}_t`];
    expect(identifiers(['a', 'a', 'a_t', 'a t', 'top'], derived, ['top'])).toEqual([
      'a',
      'a_2',
      'a_t_2',
      'a_t_3',
      'top_2',
    ]);
  });
});
