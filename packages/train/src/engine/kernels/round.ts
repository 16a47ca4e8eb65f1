/// <reference path="./numbers.d.ts" />

/** Nearest integer, ties to the even one. */
export function roundHalfEven(u: f64): f64 {
  const down = Math.floor(u);
  const rest = u - down;
  return rest < 0.5 || (rest === 0.5 && Math.floor(down * 0.5) * 2 === down) ? down : down + 1;
}

/** `u` rounded to an integer by the mode with this code (hgq2 §1.2); see `roundCode`. */
export function roundBy(code: i32, u: f64): f64 {
  switch (code) {
    case 0:
      return Math.floor(u);
    case 1:
      return Math.floor(u + 0.5);
    case 2:
      return roundHalfEven(u);
    case 3:
      return Math.trunc(u);
    case 4:
      return Math.sign(u) * Math.ceil(Math.abs(u) - 0.5);
    case 5:
      return Math.sign(u) * Math.floor(Math.abs(u) + 0.5);
    default:
      return Math.ceil(u - 0.5);
  }
}
