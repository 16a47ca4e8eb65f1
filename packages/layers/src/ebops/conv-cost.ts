import type { WindowAxis } from '@sp/quant/numeric';
import { biasCost, type Cost, conv2dCost, scaleCost } from './cost.ts';
import type { CostFunction } from './operand.ts';

/** What the cost of a convolution layer depends on besides bit widths. */
export interface ConvCost {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  /** Output positions computed at once; 0 or less: all. */
  readonly parallelizationFactor: number;
  /**
   * Where bias additions are counted. `'input'`, as HGQ2: at every input position, whatever `parallelizationFactor`.
   * `'output'`: at the output positions computed at once, which is what hardware adds (hgq2 §8.1, 4).
   */
  readonly biasPositions: 'input' | 'output';
}

/** Cost of a convolution layer on the widths of input, kernel and, if it has one, bias (hgq2 §4.2). */
export function convCost(conv: ConvCost): CostFunction {
  const { rows, columns, channels, filters, groups, parallelizationFactor, biasPositions } = conv;
  const positions = rows.output * columns.output;
  const atOnce = parallelizationFactor > 0 ? parallelizationFactor : positions;
  const additions = (biasPositions === 'input' ? rows.input * columns.input : atOnce) * filters;
  return ([x, w, b]) => {
    const products = scaleCost(conv2dCost(x, w, rows, columns, channels, filters, groups), atOnce / positions);
    return b == null ? products : withBias(products, b, additions);
  };
}

function withBias({ value, gradients }: Cost, bits: Float64Array, additions: number): Cost {
  const bias = biasCost(bits, additions);
  return { value: value + bias.value, gradients: [...gradients, bias.gradient] };
}

/** The same cost of an input whose widths come with the channels first. */
export function withInputChannelsFirst(cost: CostFunction, channels: number): CostFunction {
  return ([x, ...others]) => {
    const positions = x.length / channels;
    const { value, gradients } = cost([
      x.map((_, j) => x[(j % channels) * positions + Math.floor(j / channels)]),
      ...others,
    ]);
    const [dx, ...rest] = gradients;
    const first = dx.map((_, j) => dx[(j % positions) * channels + Math.floor(j / positions)]);
    return { value, gradients: [first, ...rest] };
  };
}
