import type { MaxOverNode, MeanOverNode, MinOverNode, SumOverNode } from '@sp/quant/internal';
import { powerOfTwoIn, stridesOf } from '@sp/quant/numeric';
import { levels, type NodeCost } from '../estimate/cost.ts';
import { type FixedType, printCpp } from '../plan/fixed-type.ts';
import { placeExpression, placeFunction } from './index-expression.ts';
import type { Kernel } from './kernel.ts';

type OverAxesNode = SumOverNode | MeanOverNode | MaxOverNode | MinOverNode;

/** Sum, mean, largest or smallest value along axes. */
export function overAxesKernel(op: OverAxesNode['op']): Kernel<OverAxesNode> {
  return {
    op,
    options: [],
    loops: () => false,
    decide: () => ({}),

    emit({ node, id, inputs, type }) {
      const { shape } = inputs[0].node;
      const strides = stridesOf(shape);
      const kept = shape.map((_, d) => d).filter((d) => !node.axes.includes(d));
      const gone = shape.map((_, d) => d).filter((d) => node.axes.includes(d));
      const place = (name: string, dims: readonly number[]) =>
        placeFunction(
          name,
          name === 'out' ? 'o' : 't',
          placeExpression(
            name === 'out' ? 'o' : 't',
            dims.map((d) => shape[d]),
            dims.map((d) => strides[d]),
          ),
        );
      const terms = gone.reduce((product, d) => product * shape[d], 1);
      const shift = op === 'meanOver' ? powerOfTwoIn(terms) : 0;
      const extreme = op === 'maxOver' || op === 'minOver';
      const sum: FixedType = extreme ? inputs[0].type : { ...type, int: type.int + shift };
      const join = op === 'maxOver' ? 'max' : op === 'minOver' ? 'min' : 'sum';
      return {
        header: 'sp_arithmetic.h',
        config: [
          `struct ${id}_config : sp::join_${join}<${printCpp(sum)} > {`,
          `  static const int size = ${node.shape.reduce((product, size) => product * size, 1)}, terms = ${terms};`,
          place('out', kept),
          place('term', gone),
          `  template <class Y> static Y finish(const sum_t &sum) { return ${extreme ? 'Y' : 'sp::same_bits<Y>'}(sum); }`,
          '};',
        ],
        call: ([x], y) => [`sp::over_axes<${id}_config>(${x}, ${y});`],
      };
    },

    cost({ node, inputs, type }): NodeCost {
      const all = inputs[0].node.shape.reduce((product, size) => product * size, 1);
      const outputs = node.shape.reduce((product, size) => product * size, 1);
      return {
        latency: Math.ceil(levels(all / outputs) / 3),
        interval: 1,
        multipliers: 0,
        lut: (all - outputs) * type.width,
        dsp: 0,
      };
    },

    describe: ({ node }) =>
      `${op.replace('Over', '')} over ${node.axes.length === 1 ? 'axis' : 'axes'} ${node.axes.join(', ')}`,
  };
}
