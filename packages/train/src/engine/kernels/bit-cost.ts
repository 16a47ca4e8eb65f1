/// <reference path="./numbers.d.ts" />

/**
 * EBOPs of a dense layer without its bias, `Σ x · w` (hgq2 §4.2). `ofX` and `ofW` become the derivatives with respect to the
 * bits; every input and every weight has the bits that its map names.
 */
export function denseBits(
  xBits: Reals,
  xMap: Ints,
  wBits: Reals,
  wMap: Ints,
  ofX: Reals,
  ofW: Reals,
  share: f64,
  inputs: i32,
  units: i32,
): f64 {
  let value: f64 = 0;
  for (let c = 0; c < inputs; c++) {
    const bits = xBits[xMap[c]];
    let sum: f64 = 0;
    for (let j = c * units; j < (c + 1) * units; j++) {
      sum += wBits[wMap[j]];
      ofW[wMap[j]] += bits * share;
    }
    ofX[xMap[c]] += sum * share;
    value += bits * sum;
  }
  return value;
}
