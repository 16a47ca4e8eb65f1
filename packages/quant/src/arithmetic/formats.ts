/**
 * Formats of exact results: interval arithmetic on the code ranges of the operands, and the narrowest format around it. For operands of
 * positive width these are `ap_fixed`'s own result types (`hls4ml §2.12`).
 */
import { codeRange, minimalFormat } from '../format/code-range.ts';
import type { Format } from '../format/format.ts';
import type { Weights } from '../graph/node.ts';
import { aligned, type Interval, max, min, times } from '../graph/ranges.ts';
import { QuantError } from '../quant-error.ts';

function intervalOf(format: Format): Interval {
  return { ...codeRange(format), f: format.f };
}

function around({ lo, hi, f }: Interval): Format {
  return minimalFormat(lo, hi, f);
}

function onOneScale(a: Format, b: Format): [Interval, Interval, number] {
  const f = Math.max(a.f, b.f);
  return [aligned(intervalOf(a), f), aligned(intervalOf(b), f), f];
}

/** Format of `a + b`. */
export function addFormats(a: Format, b: Format): Format {
  const [x, y, f] = onOneScale(a, b);
  return around({ lo: x.lo + y.lo, hi: x.hi + y.hi, f });
}

/** Format of `a - b`. */
export function subtractFormats(a: Format, b: Format): Format {
  const [x, y, f] = onOneScale(a, b);
  return around({ lo: x.lo - y.hi, hi: x.hi - y.lo, f });
}

/** Format of `a · b`. */
export function multiplyFormats(a: Format, b: Format): Format {
  const [x, y] = [intervalOf(a), intervalOf(b)];
  const ends = [x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi];
  return around({ lo: ends.reduce(min), hi: ends.reduce(max), f: a.f + b.f });
}

/** Format of `-a`. */
export function negateFormat(a: Format): Format {
  const { lo, hi } = codeRange(a);
  return around({ lo: -hi, hi: -lo, f: a.f });
}

/** Format of `a · 2^n`: the same codes on another scale. */
export function shiftFormat(a: Format, n: number): Format {
  return { k: a.k, i: a.i + n, f: a.f - n };
}

/** Format of the sum of `count` values of one format. */
export function sumFormat(a: Format, count: number): Format {
  return around(times(intervalOf(a), BigInt(count)));
}

/**
 * Format of the exact accumulator of `Σ_j inputs[j] · weights[j] + bias`, every partial sum included.
 *
 * @param weights codes with one `f`, as many as inputs
 * @param bias one code with its own `f`
 * @throws QuantError when the lengths differ
 */
export function dotFormat(
  inputs: readonly Format[],
  weights: Pick<Weights, 'codes' | 'f'>,
  bias?: Interval['lo'],
  biasF = 0,
): Format {
  if (inputs.length !== weights.codes.length) {
    throw new QuantError(`${inputs.length} inputs for ${weights.codes.length} weights; give one weight per input`);
  }
  const used = inputs.filter((_, j) => weights.codes[j] !== 0);
  const productF = used.reduce(
    (f, input) => Math.max(f, input.f + weights.f),
    used.length > 0 ? used[0].f + weights.f : 0,
  );
  const f = bias === undefined || bias === 0n ? productF : used.length === 0 ? biasF : Math.max(productF, biasF);
  const start = bias === undefined ? 0n : bias << BigInt(bias === 0n ? 0 : f - biasF);
  let [lo, hi] = [min(start, 0n), max(start, 0n)];
  inputs.forEach((input, j) => {
    const weight = BigInt(weights.codes[j]);
    if (weight === 0n) return;
    const scaled = weight << BigInt(f - input.f - weights.f);
    const range = codeRange(input);
    lo += scaled * (weight > 0n ? range.lo : range.hi);
    hi += scaled * (weight > 0n ? range.hi : range.lo);
  });
  return around({ lo, hi, f });
}

/** The widest format whose every value both formats hold. */
export function intersectFormats(a: Format, b: Format): Format {
  return { k: a.k === 1 && b.k === 1 ? 1 : 0, i: Math.min(a.i, b.i), f: Math.min(a.f, b.f) };
}
