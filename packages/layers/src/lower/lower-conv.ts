import type { Pads } from '@sp/quant';
import type { FusedDense } from '../layers/fused-dense.ts';
import type { QConv } from '../layers/q-conv.ts';
import type { WindowAxis } from '../ops/window-axis.ts';
import { computedWeights } from './computed-weights.ts';
import { denseImage } from './dense-image.ts';
import { lowerActivation } from './lower-activation.ts';
import { lowerActivationQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { Lowered, LowerScope } from './lowered.ts';

/** A dense convolution, with or without a folded batch normalisation, as nodes `.iq`, `.conv`, activation, `.oq`. */
export function lowerQConv(scope: LowerScope, layer: QConv, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name, settings, windows } = layer;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq');
  const x = denseImage(scope, source.node, name);
  refuseDivisor(x, name);
  const [kernel, bias] = computedWeights(name, () => {
    const { kernel, bias } = layer.deployedWeights();
    return bias == null || layer.bq == null
      ? [[layer.kq, kernel]]
      : [
          [layer.kq, kernel],
          [layer.bq, bias],
        ];
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
  const y: Lowered = { kind: 'value', node: lowerActivation(scope, conv, layer.activation, name) };
  return [lowerActivationQuantizer(scope, y, layer.oq, name, 'oq')];
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
  const y: Lowered = { kind: 'value', node: lowerActivation(scope, dense, layer.activation, name) };
  return [lowerActivationQuantizer(scope, y, layer.oq, name, 'oq')];
}

/** Zeros around an axis. */
export function padsOf({ padBefore, padAfter }: WindowAxis): Pads {
  return [padBefore, padAfter];
}
