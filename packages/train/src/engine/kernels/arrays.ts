/// <reference path="./numbers.d.ts" />

/** `target[j] = source[j]` for `j` in `from … to − 1`. */
export function copy(target: Reals, source: Reals, from: i32, to: i32): void {
  for (let j = from; j < to; j++) target[j] = source[j];
}

/** Sum of all values. */
export function sum(values: Floats, count: i32): f64 {
  let total: f64 = 0;
  for (let j = 0; j < count; j++) total += values[j];
  return total;
}
