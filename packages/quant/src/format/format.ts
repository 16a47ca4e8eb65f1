/**
 * A fixed-point number format.
 *
 * A value with integer code `c` stands for the real number `c · 2^-f`. Representable range:
 * `[-k · 2^i, 2^i - 2^-f]`; total width `k + i + f` bits. `i` and `f` may be negative.
 * A total width of zero or less means "constant 0", which is a real case everywhere.
 *
 * AMD's `ap_[u]fixed<W, I>` is `W = k + i + f`, `I = k + i`.
 */
export interface Format {
  /** 1 when negative values are representable (one sign bit), else 0. */
  readonly k: 0 | 1;
  /** Integer bits, sign bit not counted. */
  readonly i: number;
  /** Fraction bits; the step is `2^-f`. */
  readonly f: number;
}

/** Rounding modes, named as in `ap_fixed` without the `AP_` prefix. */
export type RoundMode = 'TRN' | 'RND' | 'RND_CONV' | 'TRN_ZERO' | 'RND_ZERO' | 'RND_INF' | 'RND_MIN_INF';

/** Overflow modes, named as in `ap_fixed` without the `AP_` prefix. */
export type OverflowMode = 'WRAP' | 'SAT' | 'SAT_SYM' | 'SAT_ZERO' | 'WRAP_SM';

/**
 * Formats of all elements of a tensor: arrays over `shape`, which has the rank of the tensor and in every
 * dimension either 1 or the tensor's size, and is broadcast. `[1, 1, C]` is one format per channel of an
 * image, `[1, 1, 1]` one for the whole tensor, the tensor's own shape one per element.
 */
export interface FormatTable {
  readonly shape: readonly number[];
  readonly k: readonly (0 | 1)[];
  readonly i: readonly number[];
  readonly f: readonly number[];
}
