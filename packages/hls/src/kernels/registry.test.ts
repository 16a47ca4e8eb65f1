import type { GraphNode } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { FirmwareError } from '../errors.ts';
import { kernelOf, kernels } from './registry.ts';

describe('kernels', () => {
  it('stand under the name of their op', () => {
    for (const [op, kernel] of kernels) expect(kernel.op).toBe(op);
  });
});

describe('kernelOf', () => {
  it('names a node without kernel and what is supported', () => {
    const node = { op: 'fourier', name: 'f1' } as unknown as GraphNode;
    expect(() => kernelOf(node)).toThrow(FirmwareError);
    expect(() => kernelOf(node)).toThrow(/node "f1" is a fourier.*supported: input, constant, requantize/);
  });
});
