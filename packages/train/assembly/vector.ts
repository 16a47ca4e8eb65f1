/** The loops of `src/engine/kernels/vector.ts`, two or four numbers at once. AssemblyScript. */
// @ts-nocheck

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
    const g = gradient[j] * clip;
    mean[j] += (g - mean[j]) * (1 - beta1);
    square[j] += (g * g - square[j]) * (1 - beta2);
    values[j] -= (rate * mean[j]) / (Math.sqrt(square[j]) + epsilon);
  }
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
