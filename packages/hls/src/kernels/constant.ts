import type { ConstantNode } from '@sp/quant/internal';
import { WIRES } from '../estimate/cost.ts';
import { type Kernel, valueName } from './kernel.ts';
import { literal } from './literals.ts';

/** A constant tensor: an array that later nodes read. */
export const constantKernel: Kernel<ConstantNode> = {
  op: 'constant',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit: ({ node, id }) => ({
    constants: [
      {
        id: valueName({ node, id }),
        type: `${id}_t`,
        note: `constant "${node.name}" [${node.shape.join(', ')}]`,
        values: node.value.codes.map((code) => literal(code, node.value.f)),
      },
    ],
    call: () => [],
  }),
  cost: () => WIRES,
  describe: () => 'constant',
};
