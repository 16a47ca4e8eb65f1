import { type GraphNode, sizeOf } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { windowsOver } from '../layers/conv-settings.ts';
import type { Padding } from '../ops/window-axis.ts';
import { denseImage } from './dense-image.ts';
import { padsOf } from './lower-conv.ts';
import { refuseDivisor } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { moved } from './moved.ts';

/** Maximum pooling of tfjs itself, which is exact. Its averages are not: they multiply by a rounded reciprocal. */
export function lowerStockMaxPooling(
  scope: LowerScope,
  layer: tf.layers.Layer,
  rank: 1 | 2,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  const config = layer.getConfig() as {
    readonly poolSize: number | number[];
    readonly strides: number | number[];
    readonly padding: Padding;
    readonly dataFormat?: string;
  };
  const x = denseInput(scope, name, config.dataFormat, input);
  const sizes = (value: number | number[]): number[] => (typeof value === 'number' ? [value, value] : value);
  const [taps, strides] = [sizes(config.poolSize).slice(0, rank), sizes(config.strides).slice(0, rank)];
  const { rows, columns } = windowsOver([null, ...x.shape], { rank, taps, strides, padding: config.padding }, name);
  const common = { mode: 'max', layer: name } as const;
  const node =
    rank === 1
      ? scope.graph.pool1d(`${name}.pool`, x, {
          ...common,
          pool: taps[0],
          stride: strides[0],
          pads: padsOf(columns),
        })
      : scope.graph.pool2d(`${name}.pool`, x, {
          ...common,
          pool: [taps[0], taps[1]],
          strides: [strides[0], strides[1]],
          pads: [padsOf(rows), padsOf(columns)],
        });
  return [{ kind: 'value', node }];
}

/** Global maximum pooling of tfjs itself. */
export function lowerStockGlobalMaxPooling(
  scope: LowerScope,
  layer: tf.layers.Layer,
  rank: 1 | 2,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  const { dataFormat } = layer.getConfig() as { readonly dataFormat?: string };
  const x = denseInput(scope, name, dataFormat, input);
  refuseDivisor(x, name);
  const axes = rank === 1 ? [0] : [0, 1];
  return [{ kind: 'value', node: scope.graph.maxOver(`${name}.pool`, x, { axes, layer: name }) }];
}

/** Another shape for the same values. */
export function lowerStockReshape(
  scope: LowerScope,
  layer: tf.layers.Layer,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  // Sizes that the layer leaves open (-1) follow from the others.
  const target = (layer.getConfig() as unknown as { readonly targetShape: readonly number[] }).targetShape;
  return [
    moved(scope, input, name, (scope, node) => {
      const x = denseImage(scope, node, name);
      const known = target.filter((extent) => extent > 0).reduce((product, extent) => product * extent, 1);
      const shape = target.map((extent) => (extent > 0 ? extent : sizeOf(x.shape) / known));
      return scope.graph.reshape(`${name}.reshape`, x, { shape, layer: name });
    }),
  ];
}

function denseInput(scope: LowerScope, layer: string, dataFormat: string | undefined, input: Lowered): GraphNode {
  if (dataFormat === 'channelsFirst') {
    throw new LowerError(layer, "its dataFormat is 'channelsFirst'.", "Use 'channelsLast'.");
  }
  const { node } = requireValue(input, layer);
  return denseImage(scope, node, layer);
}
