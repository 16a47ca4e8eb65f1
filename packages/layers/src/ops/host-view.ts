import * as tf from '@tensorflow/tfjs';

/** Values of a float32 tensor, a copy where the backend's memory is not ours; must not be written to. */
export function hostValues(x: tf.Tensor): Float32Array {
  return x.dataSync<'float32'>();
}

/**
 * Values of a float32 tensor without a copy where the backend allows it; must not be written to. Read them at once: on
 * wasm the view dies with the next tensor that is made.
 */
export function hostView(x: tf.Tensor): Float32Array {
  const backend = tf.backend() as unknown as Partial<WasmBackend>;
  // A tensor made before a change of backend lies elsewhere until a kernel moves it.
  const isHere = backend.typedArrayFromHeap != null && backend.dataIdMap?.has(x.dataId) === true;
  return isHere ? (backend as WasmBackend).typedArrayFromHeap(x) : hostValues(x);
}

interface WasmBackend {
  readonly dataIdMap: { has(dataId: tf.DataId): boolean };
  typedArrayFromHeap(x: tf.Tensor): Float32Array;
}
