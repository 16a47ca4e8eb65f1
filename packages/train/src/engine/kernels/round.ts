/// <reference path="./numbers.d.ts" />

import { roundHalfDown, roundHalfEven, roundHalfIn, roundHalfOut, roundHalfUp } from '@sp/quant/numeric';

/** `u` rounded to an integer by the mode with this code (hgq2 §1.2); see `roundCode`. */
export function roundBy(code: i32, u: f64): f64 {
  switch (code) {
    case 0:
      return Math.floor(u);
    case 1:
      return roundHalfUp(u);
    case 2:
      return roundHalfEven(u);
    case 3:
      return Math.trunc(u);
    case 4:
      return roundHalfIn(u);
    case 5:
      return roundHalfOut(u);
    default:
      return roundHalfDown(u);
  }
}
