import type * as tf from '@tensorflow/tfjs';
import { hostValues, hostView } from './host-view.ts';
import { customGrad, tensor, zeros } from './tf.ts';

/** What a host function returns: the output, and how a gradient of the output becomes gradients of the inputs. */
export interface HostResult {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /**
   * Gradients with respect to each input, in order: values of the input's shape, `'same'` for the output's gradient
   * unchanged (same shape), or `null` for zero. `dy` must not be kept: it may be a view of the backend's memory.
   */
  readonly gradient: (dy: Float32Array) => readonly (Float32Array | 'same' | null)[];
}

/**
 * A tensor operation computed by plain TypeScript on typed arrays, with its own gradient.
 *
 * Used where exactness in double precision matters (quantizers, pooling, bit counts) or where one pass replaces many
 * small tensor operations. Reads its inputs synchronously, which costs nothing on cpu, a copy on wasm and a pipeline
 * stall on GPU backends. Arrays handed to `compute` belong to the backend: read only; they are read when iterated over.
 *
 * All tensors that shall receive gradients must be listed in `inputs`.
 */
export function hostOp(
  inputs: readonly tf.Tensor[],
  compute: (values: Iterable<Float32Array>) => HostResult,
): tf.Tensor {
  if (inputs.length === 0) {
    const { values, shape } = compute([]);
    return tensor(values, [...shape], 'float32');
  }
  const op = customGrad((...tensors: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // tfjs appends its save function; what the gradient needs lives in the closure instead.
    const operands = tensors.slice(0, inputs.length) as tf.Tensor[];
    const result = compute(reading(operands));
    return {
      value: tensor(result.values, [...result.shape], 'float32'),
      gradFunc: (dy: tf.Tensor) =>
        result.gradient(hostView(dy)).map((gradient, index) => {
          if (gradient === 'same') return dy.clone();
          const { shape } = operands[index];
          return gradient == null ? zeros(shape) : tensor(gradient, shape, 'float32');
        }),
    };
  });
  return op(...inputs);
}

/** Reads a tensor only when its values are asked for: the copy out of the wasm heap is not free. */
function* reading(tensors: readonly tf.Tensor[]): Generator<Float32Array> {
  for (const x of tensors) yield hostValues(x);
}
