import type { AddNode, MaxNode, MinNode, MulNode, SubNode } from '@sp/quant/internal';
import { multiplier, type NodeCost } from '../estimate/cost.ts';
import { commonType, printCpp } from '../plan/fixed-type.ts';
import { atOnce, numbersOf, passage, perPacket } from './elementwise.ts';
import { broadcastExpression, placeFunction } from './index-expression.ts';
import { isConstant, type Kernel, type NodeContext, packetsOf } from './kernel.ts';

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
      const streamed = streamsBinary(context);
      // Of a list and of packets only the channels broadcast: its slots and pixels are those of the operands. A constant is there as a whole.
      const place = (name: string, input: NodeContext) => {
        const channels = list || (streamed && !isConstant(input));
        const shape = ({ node: { shape: full } }: NodeContext) => (channels ? full.slice(-1) : full);
        const j = channels ? 'c' : 'j';
        return placeFunction(name, j, broadcastExpression(j, shape(input), shape(context)));
      };
      const constant = inputs.findIndex(isConstant);
      const packets =
        constant === 0 ? 'constant_and_packets' : constant === 1 ? 'packets_and_constant' : 'binary_packets';
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
        ...(streamed
          ? {
              streamHeader: 'sp_arithmetic_stream.h',
              stream: ([a, b]: readonly string[], y: string) => [
                list
                  ? `sp::binary_slots<${id}_config, sp::op_${op}>(${a}, ${b}, ${y});`
                  : `sp::${packets}<${id}_config, sp::op_${op}, ${packetsOf(context)}>(${a}, ${b}, ${y});`,
              ],
            }
          : {}),
      };
    },

    streams: streamsBinary,
    constantOperands: true,

    cost(context): NodeCost {
      const streamed = streamsBinary(context);
      const count = streamed ? atOnce(context) : numbersOf(context);
      const cycles = streamed ? passage(context, 1) : { latency: 1, interval: 1 };
      const [a, b] = context.inputs;
      const constant = context.inputs.find(isConstant);
      const stored =
        streamed && constant ? perPacket(context, constant.node.shape, constant.type.width) : { lut: 0, bram: 0 };
      if (op !== 'mul') {
        const width = context.type.width * (op === 'max' || op === 'min' ? 1.5 : 1);
        return { ...cycles, multipliers: 0, lut: Math.ceil(count * width) + stored.lut, dsp: 0, bram: stored.bram };
      }
      const product = multiplier(a.type.width, b.type.width);
      const lut = count * product.lut + stored.lut;
      return { ...cycles, multipliers: count, lut, dsp: count * product.dsp, bram: stored.bram };
    },

    describe: () => op,
  };
}

/** Whether those operands that are streams have packets that belong to the result's one by one: the same pixels or slots. */
function streamsBinary({ node, inputs, ioType }: NodeContext): boolean {
  if (ioType !== 'io_stream' || node.shape.length === 0 || inputs.every(isConstant)) return false;
  return inputs.every((input) => {
    const { shape } = input.node;
    if (isConstant(input)) return true;
    return shape.length === node.shape.length && shape.slice(0, -1).every((size, d) => size === node.shape[d]);
  });
}
