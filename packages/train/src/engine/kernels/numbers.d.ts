/**
 * Kernels are written in the subset of TypeScript that AssemblyScript also compiles, to WebAssembly; there these names
 * are its machine types and addresses of memory (`assembly/prelude.ts`).
 */
type i32 = number;
type f64 = number;
type Reals = Float64Array;
type Floats = Float32Array;
type Ints = Int32Array;
type Bytes = Uint8Array;
