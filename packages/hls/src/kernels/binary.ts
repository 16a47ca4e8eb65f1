import type { AddNode, MaxNode, MinNode, MulNode, SubNode } from '@sp/quant';
import { multiplier, type NodeCost } from '../estimate/cost.ts';
import { commonType, printCpp } from '../plan/fixed-type.ts';
import { numbersOf } from './elementwise.ts';
import { broadcastExpression, placeFunction } from './index-expression.ts';
import type { Kernel, NodeContext } from './kernel.ts';

type BinaryNode = AddNode | SubNode | MulNode | MaxNode | MinNode;

/** Elementwise arithmetic of two tensors or two lists. */
export function binaryKernel(op: BinaryNode['op']): Kernel<BinaryNode> {
  return {
    op,
    options: [],
    loops: () => false,
    decide: () => ({}),

    emit(context) {
      const { node, id, inputs } = context;
      const list = node.slots !== undefined;
      // Of a list only the channels broadcast: its slots are those of the operands.
      const shape = ({ node: { shape: full } }: NodeContext) => (list ? [full[2]] : full);
      const j = list ? 'c' : 'j';
      const place = (name: string, input: NodeContext) =>
        placeFunction(name, j, broadcastExpression(j, shape(input), shape(context)));
      return {
        header: 'sp_arithmetic.h',
        config: [
          `struct ${id}_config {`,
          ...(list ? [] : [`  static const int size = ${numbersOf(context)};`]),
          ...(op === 'max' || op === 'min'
            ? [`  typedef ${printCpp(commonType(inputs[0].type, inputs[1].type))} compare_t;`]
            : []),
          place('left', inputs[0]),
          place('right', inputs[1]),
          '};',
        ],
        call: ([a, b], y) => [`sp::binary${list ? '_list' : ''}<${id}_config, sp::op_${op}>(${a}, ${b}, ${y});`],
      };
    },

    cost(context): NodeCost {
      const count = numbersOf(context);
      const [a, b] = context.inputs;
      if (op !== 'mul') {
        const width = context.type.width * (op === 'max' || op === 'min' ? 1.5 : 1);
        return { latency: 1, interval: 1, multipliers: 0, lut: Math.ceil(count * width), dsp: 0 };
      }
      const product = multiplier(a.type.width, b.type.width);
      return { latency: 1, interval: 1, multipliers: count, lut: count * product.lut, dsp: count * product.dsp };
    },

    describe: () => op,
  };
}
