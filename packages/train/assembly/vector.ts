/** The loops of `src/engine/kernels/vector.ts`, two or four numbers at once. AssemblyScript. */
// @ts-nocheck
import { clip } from '@sp/quant/numeric';
import { adamOne, bitGradient, refreshOne, saturateOne, saturateOneBackward } from './each.ts';

@inline
function real(base: Reals, index: i32): usize {
  return changetype<usize>(base) + ((<usize>index) << 3);
}

@inline
function float(base: Floats, index: i32): usize {
  return changetype<usize>(base) + ((<usize>index) << 2);
}

export function addProducts(target: Reals, to: i32, source: Reals, from: i32, factor: f64, count: i32): void {
  const factors = f64x2.splat(factor);
  let t = real(target, to);
  let s = real(source, from);
  const end = t + ((<usize>count) << 3);
  for (const last = t + ((<usize>(count & ~3)) << 3); t < last; t += 32, s += 32) {
    v128.store(t, f64x2.add(v128.load(t), f64x2.mul(factors, v128.load(s))));
    v128.store(t, f64x2.add(v128.load(t, 16), f64x2.mul(factors, v128.load(s, 16))), 16);
  }
  for (; t < end; t += 8, s += 8) store<f64>(t, load<f64>(t) + factor * load<f64>(s));
}

export function addAndDot(
  target: Reals,
  weights: Reals,
  from: i32,
  g: Reals,
  at: i32,
  factor: f64,
  count: i32,
): f64 {
  const factors = f64x2.splat(factor);
  let t = real(target, from);
  let w = real(weights, from);
  let s = real(g, at);
  const end = t + ((<usize>count) << 3);
  let sums = f64x2.splat(0);
  let others = sums;
  for (const last = t + ((<usize>(count & ~3)) << 3); t < last; t += 32, s += 32, w += 32) {
    const first = v128.load(s);
    const second = v128.load(s, 16);
    sums = f64x2.add(sums, f64x2.mul(first, v128.load(w)));
    others = f64x2.add(others, f64x2.mul(second, v128.load(w, 16)));
    v128.store(t, f64x2.add(v128.load(t), f64x2.mul(factors, first)));
    v128.store(t, f64x2.add(v128.load(t, 16), f64x2.mul(factors, second)), 16);
  }
  sums = f64x2.add(sums, others);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; t < end; t += 8, s += 8, w += 8) {
    const value = load<f64>(s);
    sum += value * load<f64>(w);
    store<f64>(t, load<f64>(t) + factor * value);
  }
  return sum;
}

export function adamStep(
  values: Floats,
  gradient: Floats,
  mean: Floats,
  square: Floats,
  rate: f64,
  clip: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  count: i32,
): void {
  const clips = f64x2.splat(clip);
  const rates = f64x2.splat(rate);
  const rest1 = f64x2.splat(1 - beta1);
  const rest2 = f64x2.splat(1 - beta2);
  const epsilons = f64x2.splat(epsilon);
  const even = count & ~1;
  for (let j = 0; j < even; j += 2) {
    const g = f64x2.mul(pair(float(gradient, j)), clips);
    let m = pair(float(mean, j));
    m = rounded(f64x2.add(m, f64x2.mul(f64x2.sub(g, m), rest1)), float(mean, j));
    let v = pair(float(square, j));
    v = rounded(f64x2.add(v, f64x2.mul(f64x2.sub(f64x2.mul(g, g), v), rest2)), float(square, j));
    const step = f64x2.div(f64x2.mul(rates, m), f64x2.add(f64x2.sqrt(v), epsilons));
    rounded(f64x2.sub(pair(float(values, j)), step), float(values, j));
  }
  for (let j = even; j < count; j++) {
    adamOne(values, gradient, mean, square, rate, clip, beta1, beta2, epsilon, j);
  }
}

export function countNotFinite(values: Floats, count: i32): i32 {
  // The exponent of NaN and of infinities has all its bits.
  const exponent = i32x4.splat(0x7f800000);
  let found = i32x4.splat(0);
  const whole = count & ~3;
  for (let j = 0; j < whole; j += 4) {
    const bits = v128.and(v128.load(float(values, j)), exponent);
    found = i32x4.sub(found, i32x4.eq(bits, exponent));
  }
  let sum =
    i32x4.extract_lane(found, 0) +
    i32x4.extract_lane(found, 1) +
    i32x4.extract_lane(found, 2) +
    i32x4.extract_lane(found, 3);
  for (let j = whole; j < count; j++) if (!(values[j] - values[j] == 0)) sum++;
  return sum;
}

/** Two floats in double precision. */
@inline
function pair(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}

/** Stores two numbers as floats and returns them as they are then. */
@inline
function rounded(numbers: v128, address: usize): v128 {
  const floats = f32x4.demote_f64x2_zero(numbers);
  v128.store64_lane(address, floats, 0);
  return f64x2.promote_low_f32x4(floats);
}

export function widen(target: Reals, source: Floats, count: i32): void {
  const even = count & ~1;
  for (let j = 0; j < even; j += 2) v128.store(real(target, j), pair(float(source, j)));
  for (let j = even; j < count; j++) target[j] = source[j];
}

export function narrow(target: Floats, source: Reals, count: i32): void {
  const even = count & ~1;
  for (let j = 0; j < even; j += 2) {
    v128.store64_lane(float(target, j), f32x4.demote_f64x2_zero(v128.load(real(source, j))), 0);
  }
  for (let j = even; j < count; j++) target[j] = source[j];
}

export function addInto(target: Reals, source: Reals, count: i32): void {
  const even = count & ~1;
  for (let j = 0; j < even; j += 2) {
    v128.store(real(target, j), f64x2.add(v128.load(real(target, j)), v128.load(real(source, j))));
  }
  for (let j = even; j < count; j++) target[j] += source[j];
}

export function clear(target: Reals, count: i32): void {
  memory.fill(real(target, 0), 0, (<usize>count) << 3);
}

export function addScaled(target: Reals, source: Reals, factor: f64, count: i32): void {
  addProducts(target, 0, source, 0, factor, count);
}

export function clamp(values: Floats, min: f64, max: f64, count: i32): void {
  // Limits that are no floats round as the values between them would.
  const least = f32x4.splat(<f32>min);
  const most = f32x4.splat(<f32>max);
  const whole = count & ~3;
  for (let j = 0; j < whole; j += 4) {
    const at = float(values, j);
    v128.store(at, f32x4.min(f32x4.max(v128.load(at), least), most));
  }
  for (let j = whole; j < count; j++) values[j] = clip(values[j], min, max);
}

export function refresh(last: Reals, values: Reals, count: i32): f64 {
  let changed: f64 = 0;
  const even = count & ~1;
  for (let j = 0; j < even; j += 2) {
    if (i64x2.all_true(f64x2.eq(v128.load(real(last, j)), v128.load(real(values, j))))) continue;
    changed += refreshOne(last, values, j) + refreshOne(last, values, j + 1);
  }
  for (let j = even; j < count; j++) changed += refreshOne(last, values, j);
  return changed;
}

export function nextChange(width: Floats, integer: Floats, sign: Floats, last: Floats, from: i32, count: i32): i32 {
  let q = from;
  for (; q + 4 <= count; q += 4) {
    const widths = f32x4.eq(f32x4.nearest(v128.load(float(width, q))), v128.load(float(last, q)));
    const integers = f32x4.eq(f32x4.nearest(v128.load(float(integer, q))), v128.load(float(last, count + q)));
    const signs = f32x4.eq(v128.load(float(sign, q)), v128.load(float(last, 2 * count + q)));
    if (!i32x4.all_true(v128.and(v128.and(widths, integers), signs))) break;
  }
  for (; q < count; q++) {
    if (last[q] != <f64>nearest(<f32>width[q])) return q;
    if (last[count + q] != <f64>nearest(<f32>integer[q])) return q;
    if (last[2 * count + q] != sign[q]) return q;
  }
  return count;
}

export function ceilLog2(x: f64): f64 {
  if (!(x < Infinity)) return x;
  // Numbers below the smallest normal one have no exponent of their own.
  const isTiny = x < 2.2250738585072014e-308;
  const code = reinterpret<i64>(isTiny ? x * 18014398509481984.0 : x);
  const exponent = <i32>((code >> 52) & 2047) - 1023 - (isTiny ? 54 : 0);
  return <f64>((code & 0xfffffffffffff) == 0 ? exponent : exponent + 1);
}

/** `roundBy` of two numbers. */
@inline
function roundedBy(mode: i32, u: v128): v128 {
  switch (mode) {
    case 0:
      return f64x2.floor(u);
    case 1:
      return f64x2.floor(f64x2.add(u, f64x2.splat(0.5)));
    case 2:
      return f64x2.nearest(u);
    case 3:
      return f64x2.trunc(u);
    case 4:
      return withSigns(f64x2.ceil(f64x2.sub(f64x2.abs(u), f64x2.splat(0.5))), u);
    case 5:
      return withSigns(f64x2.floor(f64x2.add(f64x2.abs(u), f64x2.splat(0.5))), u);
    default:
      return f64x2.ceil(f64x2.sub(u, f64x2.splat(0.5)));
  }
}

/** `numbers`, negated where `u` has a sign. */
@inline
function withSigns(numbers: v128, u: v128): v128 {
  return v128.xor(numbers, v128.and(u, f64x2.splat(-0.0)));
}

export function saturateEach(
  values: Floats,
  y: Reals,
  up: Reals,
  down: Reals,
  min: Reals,
  max: Reals,
  empty: Bytes,
  mode: i32,
  count: i32,
): void {
  const even = count & ~1;
  const zero = f64x2.splat(0);
  for (let j = 0; j < even; j += 2) {
    const value = pair(float(values, j));
    const clipped = f64x2.pmin(f64x2.pmax(value, v128.load(real(min, j))), v128.load(real(max, j)));
    const number = f64x2.mul(roundedBy(mode, f64x2.mul(clipped, v128.load(real(up, j)))), v128.load(real(down, j)));
    const single = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(number));
    const empties = i64x2.replace_lane(i64x2.splat(-(<i64>empty[j])), 1, -(<i64>empty[j + 1]));
    v128.store(real(y, j), v128.andnot(single, v128.or(f64x2.eq(value, zero), empties)));
  }
  for (let j = even; j < count; j++) {
    y[j] = saturateOne(values[j], up[j], down[j], min[j], max[j], empty[j], mode);
  }
}

export function saturateEachBackward(
  values: Floats,
  y: Reals,
  d: Reals,
  gradient: Floats,
  df: Reals,
  di: Reals,
  down: Reals,
  range: Reals,
  min: Reals,
  max: Reals,
  signs: Reals,
  symmetric: i32,
  count: i32,
): void {
  const even = count & ~1;
  const mirrored = i64x2.splat(symmetric === 1 ? -1 : 0);
  for (let j = 0; j < even; j += 2) {
    const value = pair(float(values, j));
    const upstream = v128.load(real(d, j));
    const over = f64x2.gt(value, v128.load(real(max, j)));
    const under = v128.andnot(f64x2.lt(value, v128.load(real(min, j))), over);
    const sign = v128.load(real(signs, j));
    const step = v128.load(real(down, j));
    const span = v128.load(real(range, j));
    // What `limitPerFractionBit` and `limitPerIntegerBit` of @sp/quant give.
    const below = v128.and(f64x2.neg(f64x2.mul(sign, step)), mirrored);
    const inside = f64x2.sub(value, v128.load(real(y, j)));
    const perFraction = v128.bitselect(step, v128.bitselect(below, inside, under), over);
    v128.store(real(df, j), f64x2.mul(upstream, perFraction));
    const perInteger = v128.bitselect(span, v128.and(f64x2.neg(f64x2.mul(sign, span)), under), over);
    v128.store(real(di, j), v128.and(f64x2.mul(upstream, perInteger), v128.or(over, under)));
    const passed = v128.andnot(upstream, v128.or(over, under));
    v128.store64_lane(float(gradient, j), f32x4.demote_f64x2_zero(passed), 0);
  }
  for (let j = even; j < count; j++) {
    saturateOneBackward(values, y, d, gradient, df, di, down, range, min, max, signs, symmetric, j);
  }
}

export function bitGradients(
  widthGradient: Floats,
  integerGradient: Floats,
  trainsInteger: i32,
  df: Reals,
  di: Reals,
  ofBits: Reals,
  down: Reals,
  range: Reals,
  isKbi: i32,
  widthPenalty: f64,
  integerPenalty: f64,
  count: i32,
): void {
  const even = count & ~1;
  const ln2 = f64x2.splat(Math.LN2);
  const counted = i64x2.splat(isKbi === 1 ? -1 : 0);
  const ofWidth = f64x2.splat(widthPenalty);
  const ofInteger = f64x2.splat(integerPenalty);
  for (let j = 0; j < even; j += 2) {
    const hasBits = v128.or(counted, f64x2.gt(v128.load(real(range, j)), v128.load(real(down, j))));
    const open = v128.and(v128.load(real(ofBits, j)), hasBits);
    const fraction = f64x2.mul(ln2, v128.load(real(df, j)));
    const width = f64x2.add(f64x2.add(fraction, open), ofWidth);
    v128.store64_lane(float(widthGradient, j), f32x4.demote_f64x2_zero(width), 0);
    if (trainsInteger === 0) continue;
    const whole = f64x2.mul(ln2, v128.load(real(di, j)));
    const integer = isKbi === 1 ? f64x2.sub(whole, fraction) : f64x2.add(whole, open);
    v128.store64_lane(float(integerGradient, j), f32x4.demote_f64x2_zero(f64x2.add(integer, ofInteger)), 0);
  }
  for (let q = even; q < count; q++) {
    bitGradient(
      widthGradient,
      integerGradient,
      trainsInteger,
      df,
      di,
      ofBits,
      down,
      range,
      isKbi,
      widthPenalty,
      integerPenalty,
      q,
    );
  }
}
