import type { Weights } from '@sp/quant';
import type { LeakyReluNode, ScaleOffsetNode } from '@sp/quant/internal';
import { multiplier, type NodeCost } from '../estimate/cost.ts';
import { printCpp, typeOfCodes } from '../plan/fixed-type.ts';
import { atOnce, eachCall, numbersOf, passage, perPacket } from './elementwise.ts';
import { broadcastExpression } from './index-expression.ts';
import type { ConstantArray, Kernel, KernelCode, NodeContext } from './kernel.ts';
import { packetsOfShape } from './packets-of-shape.ts';
import { codedAt, weightArray } from './weights.ts';

/** `x · scale + offset` with constants. */
export const scaleOffsetKernel: Kernel<ScaleOffsetNode> = {
  op: 'scaleOffset',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit(context) {
    const { node, id } = context;
    const { scale, offset } = node;
    const scales = weightArray(`${id}_scale`, scale, `scale of "${node.name}"`);
    const offsets = offset && weightArray(`${id}_offset`, offset, `offset of "${node.name}"`);
    const terms = [
      `${constantAt(context, scales, scale)} * x`,
      ...(offset && offsets ? [constantAt(context, offsets, offset)] : []),
    ];
    return {
      header: 'sp_arithmetic.h',
      constants: [scales, ...(offsets ? [offsets] : [])],
      config: mapConfig(context, `to_t(${terms.join(' + ')})`),
      ...mapCalls(context),
    };
  },
  streams: () => true,
  packets: 'kept',
  cost: (context): NodeCost => scaled(context, context.node.scale, context.node.offset === undefined ? 0 : 1),
  describe: ({ node }) => (node.offset === undefined ? 'scale' : 'scale and offset'),
};

/** `x` where positive, else `x · alpha`. */
export const leakyReluKernel: Kernel<LeakyReluNode> = {
  op: 'leakyRelu',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit(context) {
    const { node, id } = context;
    const slopes = weightArray(`${id}_alpha`, node.alpha, `slopes of "${node.name}" below 0`);
    return {
      header: 'sp_arithmetic.h',
      constants: [slopes],
      config: mapConfig(context, `x > from_t(0) ? to_t(x) : to_t(${constantAt(context, slopes, node.alpha)} * x)`),
      ...mapCalls(context),
    };
  },
  streams: () => true,
  packets: 'kept',
  cost: (context): NodeCost => scaled(context, context.node.alpha, 0.5),
  describe: () => 'leaky relu',
};

/** The element of a broadcast constant that belongs to element `j`. */
function constantAt(context: NodeContext, array: ConstantArray, weights: Weights): string {
  return codedAt(array, constantPlace(context, weights.shape));
}

/** Where the element of a broadcast constant stands that belongs to element `j`, in channel `c`: of one that only has channels without any division. */
export function constantPlace(context: NodeContext, shape: readonly number[]): string {
  const { node, packets } = context;
  // In packets other than those of its shape the place in the packet is no channel.
  const channels = packets === packetsOfShape(node) && shape.slice(0, -1).every((size) => size === 1);
  return channels ? (shape[shape.length - 1] === 1 ? '0' : 'c') : broadcastExpression('j', shape, periodOf(context));
}

/** The shape over which constants repeat: the channels of a list, or the whole tensor. */
export function periodOf({ node }: NodeContext): readonly number[] {
  return node.slots === undefined ? node.shape : [1, 1, node.shape[2]];
}

/** A config struct for `sp::map` whose `apply` returns `expression`, of `x`, its place `j` and its channel `c`. */
export function mapConfig(context: NodeContext, expression: string, before: readonly string[] = []): string[] {
  const { node, id, inputs, type } = context;
  const uses = (word: string) => new RegExp(`\\b${word}\\b`).test([expression, ...before].join(' '));
  const size =
    node.slots === undefined
      ? [`  static const int size = ${numbersOf(context)}, channels = ${node.shape[node.shape.length - 1] ?? 1};`]
      : [];
  return [
    `struct ${id}_config {`,
    ...size,
    `  typedef ${printCpp(inputs[0].type)} from_t;`,
    `  typedef ${printCpp(type)} to_t;`,
    `  static to_t apply(int${uses('j') ? ' j' : ''}, int${uses('c') ? ' c' : ''}, const from_t &${uses('x') ? 'x' : ''}) {`,
    ...before.map((line) => `    ${line}`),
    `    return ${expression};`,
    '  }',
    '};',
  ];
}

/** The statements that run a `mapConfig`, on whole values and on streams. */
export function mapCalls(context: NodeContext): Pick<KernelCode, 'call'> & Required<Pick<KernelCode, 'stream'>> {
  const { node, id } = context;
  return {
    call: ([x], y) => [`sp::map${node.slots === undefined ? '' : '_list'}<${id}_config>(${x}, ${y});`],
    stream: ([x], y) => [eachCall(context, `sp::map_op<${id}_config>`, x, y)],
  };
}

function scaled(context: NodeContext, weights: Weights, adders: number): NodeCost {
  const count = atOnce(context);
  const { width } = typeOfCodes(weights.codes, weights.f);
  const product = multiplier(context.inputs[0].type.width, width);
  const stored = perPacket(context, weights.shape, width);
  return {
    ...passage(context, 2),
    multipliers: count,
    lut: Math.ceil(count * (product.lut + adders * context.type.width)) + stored.lut,
    dsp: count * product.dsp,
    bram: stored.bram,
  };
}
