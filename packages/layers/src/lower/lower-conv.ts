import type { Pads } from '@sp/quant/internal';
import type { FusedDense } from '../layers/fused-dense.ts';
import type { QConv } from '../layers/q-conv.ts';
import type { PaddedAxis } from '../ops/window-axis.ts';
import { computedWeights, tidyCodes } from './computed-weights.ts';
import { denseImage } from './dense-image.ts';
import { isFloat, weightCodes } from './float-weights.ts';
import { channelsLastNode, inFormatNode } from './lower-data-format.ts';
import { lowerProduct } from './lower-dense.ts';
import { lowerActivationQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { Lowered, LowerScope } from './lowered.ts';

/** A dense convolution, with or without a folded batch normalisation, as nodes `.iq`, `.conv`, activation, `.oq`. */
export function lowerQConv(scope: LowerScope, layer: QConv, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name, settings, windows } = layer;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq');
  const x = channelsLastNode(scope, denseImage(scope, source.node, name), settings.dataFormat, name);
  refuseDivisor(x, name);
  const float = isFloat(layer.kq);
  const [kernel, bias] = tidyCodes(() => {
    const deployed = layer.deployedWeights();
    const { bias } = deployed;
    const codes = [weightCodes(scope, layer, layer.kq, deployed.kernel, 'weight')];
    return bias == null ? codes : [...codes, weightCodes(scope, layer, layer.bq, bias, 'bias')];
  });
  const weights = { kernel, ...(bias == null ? {} : { bias }), groups: settings.groups, layer: name };
  const { rows, columns } = windows;
  const conv =
    settings.rank === 1
      ? scope.graph.conv1d(`${name}.conv`, x, {
          ...weights,
          stride: columns.stride,
          dilation: columns.dilation,
          pads: padsOf(columns),
        })
      : scope.graph.conv2d(`${name}.conv`, x, {
          ...weights,
          strides: [rows.stride, columns.stride],
          dilation: [rows.dilation, columns.dilation],
          pads: [padsOf(rows), padsOf(columns)],
        });
  return [lowerProduct(scope, layer, inFormatNode(scope, conv, settings.dataFormat, name), float)];
}

/** A dense layer with a folded batch normalisation, as nodes `.iq`, `.dense`, activation, `.oq`. */
export function lowerFusedDense(scope: LowerScope, layer: FusedDense, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq');
  const x = denseImage(scope, source.node, name);
  refuseDivisor(x, name);
  const [kernel, bias] = computedWeights(name, () => {
    const { kernel, bias } = layer.deployedWeights();
    return [
      [layer.kq, kernel],
      [layer.bq, bias],
    ];
  });
  const dense = scope.graph.dense(`${name}.dense`, x, { kernel, bias, layer: name });
  return [lowerProduct(scope, layer, dense, false)];
}

/** Zeros around an axis. */
export function padsOf({ padBefore, padAfter }: PaddedAxis): Pads {
  return [padBefore, padAfter];
}
