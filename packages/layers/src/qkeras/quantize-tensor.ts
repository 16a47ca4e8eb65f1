import type * as tf from '@tensorflow/tfjs';
import { hostOp } from '../ops/host-op.ts';
import { qkerasQuantize } from './quantize.ts';
import type { QuantizeContext } from './quantize-context.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';
import type { InternalSigmoid } from './scalar-functions.ts';

let internalSigmoid: InternalSigmoid = 'hard';

/** Sets what "sigmoid" means inside quantizers of all QKeras layers (QKeras' function of the same name). Default hard. */
export function setInternalSigmoid(kind: InternalSigmoid): void {
  internalSigmoid = kind;
}

/** The setting in force. */
export function getInternalSigmoid(): InternalSigmoid {
  return internalSigmoid;
}

/** A quantizer on a tensor, with its gradient. */
export function quantizeTensor(
  q: QKerasQuantizer | null,
  x: tf.Tensor,
  context: Pick<QuantizeContext, 'training' | 'random'>,
): tf.Tensor {
  if (q == null) return x;
  return hostOp([x], ([values]) => {
    const { values: y, slopes } = qkerasQuantize(q, { x: values, shape: x.shape }, { ...context, internalSigmoid });
    return {
      values: Float32Array.from(y),
      shape: x.shape,
      gradient: (dy) => [dy.map((g, j) => g * slopes[j])],
    };
  });
}
