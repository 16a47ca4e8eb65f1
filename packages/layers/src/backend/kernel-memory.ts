import type * as tf from '@tensorflow/tfjs';

/** The two backends whose tensors plain JavaScript can read and write in place. */
export type HostBackend = 'wasm' | 'cpu';

/** Values of a tensor as they lie in the backend's memory: `float32`, `int32` or `bool`. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

/** An output tensor together with the memory a kernel writes to. */
export interface HostOutput {
  readonly info: tf.TensorInfo;
  readonly values: Float32Array;
}

/**
 * Access to tensor memory without copies.
 *
 * On wasm a new output may grow the heap, which detaches every view made before: allocate outputs first, read inputs
 * afterwards.
 */
export interface KernelMemory {
  /** Allocates a float32 tensor filled with zeros. */
  output(shape: readonly number[]): HostOutput;
  /** A view of an existing tensor's values; must not be written to. */
  read(info: tf.TensorInfo): HostArray;
}

interface WasmBackend {
  readonly dataIdMap: { get(dataId: tf.DataId): unknown };
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): HostArray;
}

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
  readonly data: { get(dataId: tf.DataId): { readonly values: HostArray } };
}

/** Tensor memory of one backend object, as it is handed to a kernel function. */
export function kernelMemory(backend: unknown, name: HostBackend): KernelMemory {
  return name === 'wasm' ? wasmMemory(backend as WasmBackend) : cpuMemory(backend as CpuBackend);
}

function wasmMemory(backend: WasmBackend): KernelMemory {
  return {
    output(shape) {
      const info = backend.makeOutput([...shape], 'float32');
      // The heap hands out memory as it was left by the previous owner.
      const values = (backend.typedArrayFromHeap(info) as Float32Array).fill(0);
      return { info, values };
    },
    read(info) {
      // Looked up, a tensor from another backend moves here; `typedArrayFromHeap` does so with the old heap in its hands.
      backend.dataIdMap.get(info.dataId);
      return backend.typedArrayFromHeap(info);
    },
  };
}

function cpuMemory(backend: CpuBackend): KernelMemory {
  return {
    output(shape) {
      const values = new Float32Array(shape.reduce((size, extent) => size * extent, 1));
      return { info: backend.makeTensorInfo([...shape], 'float32', values), values };
    },
    read: (info) => backend.data.get(info.dataId).values,
  };
}
