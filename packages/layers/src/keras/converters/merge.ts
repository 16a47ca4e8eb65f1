import { qAdd, qAveragePow2, qMaximum, qMinimum, qMultiply, qSubtract } from '../../layers/merge-layers.ts';
import { qDot, qEinsum } from '../../layers/q-einsum.ts';
import type { QMergeArgs } from '../../layers/q-merge.ts';
import { qMeanPow2, qSum } from '../../layers/q-sum.ts';
import type { Options } from '../options.ts';
import {
  type Converter,
  ioQuantizers,
  mergeQuantizers,
  ownVariables,
  qLayerArgs,
  qMergeArgs,
  type Recipe,
} from '../recipe.ts';

/** Layers of HGQ2 with several inputs, and sums over axes (hgq2 §5.2). */
export const mergeConverters: Readonly<Record<string, Converter>> = {
  QAdd: (options, inputs) => merge(options, inputs, qAdd),
  QAveragePow2(options, inputs) {
    // Follows from the number of inputs.
    options.raw('scale');
    return merge(options, inputs, qAveragePow2);
  },
  QSubtract: (options, inputs) => merge(options, inputs, qSubtract),
  QMultiply: (options, inputs) => merge(options, inputs, qMultiply),
  QMaximum: (options, inputs) => merge(options, inputs, qMaximum),
  QMinimum: (options, inputs) => merge(options, inputs, qMinimum),
  QEinsum: (options, inputs) =>
    merge(options, inputs, (args) => qEinsum({ ...args, equation: options.string('equation') })),
  QDot(options, inputs) {
    options.expect('normalize', false);
    return merge(options, inputs, (args) => qDot({ ...args, axes: options.axes('axes') }));
  },

  QSum(options) {
    const common = qLayerArgs(options);
    const layer = qSum({
      ...common,
      axes: options.axes('axes'),
      scale: options.number('scale', 1),
      keepDims: options.boolean('keepdims', false),
    });
    return { layer, stored: [ownVariables('', [], common), ...ioQuantizers('', common)] };
  },

  QMeanPow2(options) {
    const common = qLayerArgs(options);
    // Follows from the number of terms.
    options.raw('scale');
    const layer = qMeanPow2({ ...common, axes: options.axes('axes'), keepDims: options.boolean('keepdims', false) });
    return { layer, stored: [ownVariables('', [], common), ...ioQuantizers('', common)] };
  },
};

function merge(options: Options, inputs: number, make: (args: QMergeArgs) => Recipe['layer']): Recipe {
  const common = qMergeArgs(options);
  return { layer: make(common), stored: [ownVariables('', [], common), ...mergeQuantizers(inputs, common)] };
}
