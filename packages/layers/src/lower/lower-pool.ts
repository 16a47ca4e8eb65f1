import type { GraphNode } from '@sp/quant';
import { QGlobalPooling } from '../layers/q-global-pooling.ts';
import type { QPooling } from '../layers/q-pooling.ts';
import { denseImage } from './dense-image.ts';
import { padsOf } from './lower-conv.ts';
import { channelsLastNode, inFormatNode } from './lower-data-format.ts';
import { lowerActivationQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { Lowered, LowerScope } from './lowered.ts';

/** Pooling as nodes `.iq`, `.pool`, `.oq`. A mean stays an exact sum until the next quantizer divides and rounds it. */
export function lowerQPooling(scope: LowerScope, layer: QPooling, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name, mode, poolSize, windows } = layer;
  const x = channelsLastNode(scope, pooledInput(scope, layer, input), layer.dataFormat, name);
  const { rows, columns } = windows;
  const common = { mode, layer: name };
  const pool =
    layer.rank === 1
      ? scope.graph.pool1d(`${name}.pool`, x, {
          ...common,
          pool: poolSize[0],
          stride: columns.stride,
          pads: padsOf(columns),
        })
      : scope.graph.pool2d(`${name}.pool`, x, {
          ...common,
          pool: [poolSize[0], poolSize[1]],
          strides: [rows.stride, columns.stride],
          pads: [padsOf(rows), padsOf(columns)],
        });
  return pooledOutput(scope, layer, inFormatNode(scope, pool, layer.dataFormat, name));
}

/** Global pooling as nodes `.iq`, `.pool`, `.oq`. */
export function lowerQGlobalPooling(
  scope: LowerScope,
  layer: QGlobalPooling,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name, mode, keepdims: keepDims } = layer;
  const x = pooledInput(scope, layer, input);
  const axes = layer.rank === 1 ? [0] : [0, 1];
  const options = {
    axes: layer.dataFormat === 'channelsFirst' ? axes.map((axis) => axis + 1) : axes,
    keepDims,
    layer: name,
  };
  const pool =
    mode === 'avg' ? scope.graph.meanOver(`${name}.pool`, x, options) : scope.graph.maxOver(`${name}.pool`, x, options);
  return pooledOutput(scope, layer, pool);
}

/** The quantised input, dense. Inference hands exact averages from pooling to pooling, but through nothing else. */
function pooledInput(scope: LowerScope, layer: QPooling | QGlobalPooling, input: Lowered): GraphNode {
  const { node } = lowerActivationQuantizer(scope, input, layer.iq, layer.name, 'iq');
  const isPooled = ['pool1d', 'pool2d', 'sparsePool2d'].includes(node.op);
  if (!isPooled || layer instanceof QGlobalPooling) refuseDivisor(node, layer.name);
  return denseImage(scope, node, layer.name);
}

function pooledOutput(scope: LowerScope, layer: QPooling | QGlobalPooling, node: GraphNode): readonly Lowered[] {
  return [lowerActivationQuantizer(scope, { kind: 'value', node }, layer.oq, layer.name, 'oq')];
}
