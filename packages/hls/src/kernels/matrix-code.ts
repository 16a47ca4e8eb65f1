/** The C++ of a product with a constant matrix, the same for dense layers and convolutions. */
import type { Weights } from '@sp/quant';
import type { FixedType } from '../plan/fixed-type.ts';
import type { ConstantArray, WrittenFunction } from './kernel.ts';
import { type MatrixDecisions, multiplierLimit } from './matrix.ts';
import { type ProductGraph, productFunction, productMember } from './product.ts';
import { biasArray, codedAt, codeMember, weightArray } from './weights.ts';

/** A product, or one per group. */
export interface MatrixSource {
  readonly id: string;
  /** Name of the node. */
  readonly name: string;
  readonly kernel: Weights;
  readonly bias: Weights | undefined;
  /** Places of the kernel's codes in the order group, input, output. */
  readonly order: readonly number[];
  readonly groups: number;
  /** Of one group's matrix. */
  readonly inputs: number;
  readonly outputs: number;
  readonly decisions: MatrixDecisions;
  /** Packets in which the inputs arrive one after the other; the matrix is cut likewise. Default 1. */
  readonly packets?: number;
  /** Products computed side by side, for the limit on multipliers. */
  readonly copies: number;
  readonly x: FixedType;
  readonly y: FixedType;
  /** The adder graph, for distributed arithmetic. */
  product(): ProductGraph;
}

/** What a node with a matrix emits for it. */
export interface MatrixCode {
  readonly constants: readonly ConstantArray[];
  readonly functions: readonly WrittenFunction[];
  /** Lines of the config struct. */
  readonly config: readonly string[];
  /** Which of the kernel's variants: the name ends so. */
  readonly variant: 'latency' | 'resource' | 'distributed';
  /** Arguments between input and output: `, kernel, bias`, or nothing. */
  readonly operands: string;
}

/** Constants, functions and config of a product. */
export function matrixCode(source: MatrixSource): MatrixCode {
  const { id, name, kernel, groups, inputs, outputs, decisions, copies, x, y } = source;
  const { strategy, reuseFactor } = decisions;
  const bias = biasArray(`${id}_bias`, source.bias, groups * outputs, name);
  const reuse = `  static const int reuse_factor = ${reuseFactor};`;
  const operands = `, ${id}_kernel, ${id}_bias`;
  if (strategy === 'distributed_arithmetic') {
    const biased = source.bias !== undefined;
    const about = `x times the kernel of "${name}" [${inputs}, ${groups * outputs}]${biased ? ', plus its bias' : ''}`;
    const lines = productFunction(id, source.product(), x, y, biased ? (u) => codedAt(bias, String(u)) : undefined);
    return {
      constants: biased ? [bias] : [],
      functions: [{ id: `${id}_product`, note: about, uses: biased ? [bias.id] : [], lines }],
      config: [reuse, ...productMember(id, x, y)],
      variant: 'distributed',
      operands: '',
    };
  }
  if (strategy === 'latency') {
    const weights = weightArray(`${id}_kernel`, kernel, `kernel of "${name}" [group, input, output]`, source.order);
    return {
      constants: [weights, bias],
      functions: [],
      config: [
        ...numberTypes(weights, bias),
        reuse,
        `  static const int multiplier_limit = ${multiplierLimit(kernel.codes, reuseFactor) * copies};`,
      ],
      variant: 'latency',
      operands,
    };
  }
  const { packets = 1 } = source;
  const { order, live, all } = packets === 1 ? resourceOrder(source) : summedOrder(source, packets);
  const weights = weightArray(
    `${id}_kernel`,
    kernel,
    `kernel of "${name}" [group, multiplier, step]${packets === 1 ? '' : ' of packets'}`,
    order,
  );
  return {
    constants: [
      weights,
      bias,
      ...(live.length === all
        ? []
        : [
            {
              id: `${id}_multiplier`,
              type: 'unsigned short',
              note: `which ${live.length} of the ${all} multipliers of "${name}" have work`,
              values: live.map(String),
            },
          ]),
    ],
    functions: [],
    config: [
      ...numberTypes(weights, bias),
      `  static const int reuse_factor = ${reuseFactor / packets};`,
      `  static const int multipliers = ${live.length};`,
      live.length === all
        ? '  static int multiplier(int m) { return m; }'
        : `  static int multiplier(int m) { return ${id}_multiplier[m]; }`,
    ],
    variant: 'resource',
    operands,
  };
}

function numberTypes(weights: ConstantArray, bias: ConstantArray): string[] {
  return [codeMember('weight_t', weights), codeMember('bias_t', bias)];
}

/** Multipliers of one group's matrix that are built: all, or those with a weight other than 0 in any group. */
export function liveMultipliers({ kernel, order, groups, inputs, outputs, decisions }: MatrixLayout): number[] {
  const { strategy, reuseFactor } = decisions;
  const all = Array.from({ length: (inputs * outputs) / reuseFactor }, (_, m) => m);
  if (strategy !== 'resource_unrolled') return all;
  const live = all.filter((m) =>
    Array.from({ length: groups * reuseFactor }, (_, j) => {
      const product = m * reuseFactor + (j % reuseFactor);
      return kernel.codes[order[placeOf(Math.floor(j / reuseFactor), product, inputs, outputs)]];
    }).some((code) => code !== 0),
  );
  // An array cannot be empty.
  return live.length === 0 ? [0] : live;
}

type MatrixLayout = Pick<MatrixSource, 'kernel' | 'order' | 'groups' | 'inputs' | 'outputs' | 'decisions'>;

function resourceOrder(source: MatrixLayout): { order: number[]; live: number[]; all: number } {
  const { order, groups, inputs, outputs, decisions } = source;
  const { reuseFactor } = decisions;
  const live = liveMultipliers(source);
  const places: number[] = [];
  for (let g = 0; g < groups; g++) {
    for (const m of live) {
      for (let t = 0; t < reuseFactor; t++) places.push(order[placeOf(g, m * reuseFactor + t, inputs, outputs)]);
    }
  }
  return { order: places, live, all: (inputs * outputs) / reuseFactor };
}

/** [multiplier, packet, step]: every packet has the part of the matrix that belongs to it. */
function summedOrder(
  { order, inputs, outputs, decisions }: MatrixLayout,
  packets: number,
): { order: number[]; live: number[]; all: number } {
  const steps = decisions.reuseFactor / packets;
  const part = inputs / packets;
  const all = (part * outputs) / steps;
  const places: number[] = [];
  for (let m = 0; m < all; m++) {
    for (let i = 0; i < packets; i++) {
      for (let t = 0; t < steps; t++) {
        places.push(order[i * part * outputs + placeOf(0, m * steps + t, part, outputs)]);
      }
    }
  }
  return { order: places, live: Array.from({ length: all }, (_, m) => m), all };
}

/** Where product number `p` of the order [output, input] stands in the order group, input, output. */
function placeOf(group: number, p: number, inputs: number, outputs: number): number {
  return group * inputs * outputs + (p % inputs) * outputs + Math.floor(p / inputs);
}
