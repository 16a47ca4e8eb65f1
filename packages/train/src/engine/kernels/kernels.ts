import type * as kernels from './index.ts';

/** What computes on an engine's arrays: the functions of this folder, or the same compiled to WebAssembly. */
export type Kernels = typeof kernels;

/** A kernel, seen from outside. Those that threads run return nothing. */
export type KernelCall = (...values: (number | Float64Array | Float32Array | Int32Array | Uint8Array)[]) => unknown;
