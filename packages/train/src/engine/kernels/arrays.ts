/// <reference path="./numbers.d.ts" />

/** Copies single precision into double precision. */
export function widen(target: Reals, source: Floats, count: i32): void {
  for (let j = 0; j < count; j++) target[j] = source[j];
}

/** Copies double precision into single precision. */
export function narrow(target: Floats, source: Reals, count: i32): void {
  for (let j = 0; j < count; j++) target[j] = source[j];
}

/** `target[j] += source[j]`. */
export function addInto(target: Reals, source: Reals, count: i32): void {
  for (let j = 0; j < count; j++) target[j] += source[j];
}

/** `target[j] = 0`. */
export function clear(target: Reals, count: i32): void {
  for (let j = 0; j < count; j++) target[j] = 0;
}

/** `target[j] = source[j]` for `j` in `from … to − 1`. */
export function copy(target: Reals, source: Reals, from: i32, to: i32): void {
  for (let j = from; j < to; j++) target[j] = source[j];
}

/** `target[j] += factor · source[j]`. */
export function addScaled(target: Reals, source: Reals, factor: f64, count: i32): void {
  for (let j = 0; j < count; j++) target[j] += factor * source[j];
}

/** Sum of all values. */
export function sum(values: Floats, count: i32): f64 {
  let total: f64 = 0;
  for (let j = 0; j < count; j++) total += values[j];
  return total;
}

/** Moves values into `min … max`. */
export function clamp(values: Floats, min: f64, max: f64, count: i32): void {
  for (let j = 0; j < count; j++) values[j] = Math.min(Math.max(values[j], min), max);
}

/** Makes `last` equal to `values`; returns how many numbers differed. */
export function refresh(last: Reals, values: Reals, count: i32): f64 {
  let changed: f64 = 0;
  for (let j = 0; j < count; j++) {
    if (last[j] === values[j]) continue;
    last[j] = values[j];
    changed += 1;
  }
  return changed;
}
