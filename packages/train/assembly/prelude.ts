/**
 * What the kernels find instead of typed arrays when they are compiled to WebAssembly: addresses of numbers in its
 * memory. AssemblyScript, not TypeScript: names are global, `[]` is an operator.
 */
// @ts-nocheck

/** Float64Array. */
@global
@unmanaged
class Reals {
  @inline
  @operator('[]')
  get(index: i32): f64 {
    return load<f64>(changetype<usize>(this) + ((<usize>index) << 3));
  }

  @inline
  @operator('[]=')
  set(index: i32, value: f64): void {
    store<f64>(changetype<usize>(this) + ((<usize>index) << 3), value);
  }
}

/** Float32Array; numbers are double precision outside of it, as in JavaScript. */
@global
@unmanaged
class Floats {
  @inline
  @operator('[]')
  get(index: i32): f64 {
    return <f64>load<f32>(changetype<usize>(this) + ((<usize>index) << 2));
  }

  @inline
  @operator('[]=')
  set(index: i32, value: f64): void {
    store<f32>(changetype<usize>(this) + ((<usize>index) << 2), <f32>value);
  }
}

/** Int32Array. */
@global
@unmanaged
class Ints {
  @inline
  @operator('[]')
  get(index: i32): i32 {
    return load<i32>(changetype<usize>(this) + ((<usize>index) << 2));
  }

  @inline
  @operator('[]=')
  set(index: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + ((<usize>index) << 2), value);
  }
}

/** Uint8Array. */
@global
@unmanaged
class Bytes {
  @inline
  @operator('[]')
  get(index: i32): i32 {
    return <i32>load<u8>(changetype<usize>(this) + <usize>index);
  }

  @inline
  @operator('[]=')
  set(index: i32, value: i32): void {
    store<u8>(changetype<usize>(this) + <usize>index, <u8>value);
  }
}
