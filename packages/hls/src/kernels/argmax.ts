import type { ArgmaxNode } from '@sp/quant/internal';
import { levels, type NodeCost } from '../estimate/cost.ts';
import type { Kernel } from './kernel.ts';

/** Place of the largest value along the last dimension. */
export const argmaxKernel: Kernel<ArgmaxNode> = {
  op: 'argmax',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit({ node, id, inputs }) {
    const { shape } = inputs[0].node;
    const length = shape[shape.length - 1];
    const rows = shape.reduce((product, size) => product * size, 1) / length;
    return {
      header: 'sp_argmax.h',
      config: [
        `struct ${id}_config {`,
        `  static const int rows = ${rows}, length = ${length};`,
        `  static const bool one_hot = ${node.result === 'oneHot'};`,
        '};',
      ],
      call: ([x], y) => [`sp::argmax<${id}_config>(${x}, ${y});`],
    };
  },
  cost({ inputs }): NodeCost {
    const { shape } = inputs[0].node;
    const length = shape[shape.length - 1];
    const all = shape.reduce((product, size) => product * size, 1);
    return {
      latency: Math.ceil(levels(length) / 2),
      interval: 1,
      multipliers: 0,
      lut: Math.ceil(all * 1.5 * inputs[0].type.width),
      dsp: 0,
    };
  },
  describe: ({ node }) => (node.result === 'oneHot' ? 'argmax, one-hot' : 'argmax'),
};
