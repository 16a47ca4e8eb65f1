/** Floats of 16 bits (IEEE 754 binary16), given by their bits, as floats of 32 bits: all of them exactly. */
export function halvesToFloats(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (half) => values()[half]);
}

/** Floats of 16 bits with the exponent of 32 (bfloat16), given by their bits, as floats of 32 bits: all of them exactly. */
export function bfloatsToFloats(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

let table: Float32Array | undefined;

/** The value of each of the 65,536 halves. */
function values(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  });
  return table;
}
