// Ops on each number alone, of a tensor or of a sparse list: relu, requantize, copies.
#ifndef SP_ELEMENTWISE_H
#define SP_ELEMENTWISE_H

#include "sp_list.h"

namespace sp {

// max(0, x)
template <class Y, class X> Y positive_part(const X &x) {
  SP_HLS(INLINE)
  return x > X(0) ? Y(x) : Y(0);
}

template <int SIZE, class X, class Y> void relu(const X x[SIZE], Y y[SIZE]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < SIZE; ++j) {
    SP_HLS(UNROLL)
    y[j] = positive_part<Y>(x[j]);
  }
}

template <class X, class Y> void relu(const X &x, Y &y) {
  SP_HLS(PIPELINE)
  copy_pixels(x, y);
  for (int j = 0; j < X::slots * X::channels; ++j) {
    SP_HLS(UNROLL)
    y.feature[j] = positive_part<typename Y::feature_t>(x.feature[j]);
  }
}

// The only lossy step. CONFIG: size, cast(j, x): element j rounded and its overflow handled in its own format.
template <class CONFIG, class X, class Y> void requantize(const X x[CONFIG::size], Y y[CONFIG::size]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < CONFIG::size; ++j) {
    SP_HLS(UNROLL)
    y[j] = CONFIG::cast(j, x[j]);
  }
}

// CONFIG: element(row, col, channel), cast(element, x).
template <class CONFIG, class X, class Y> void requantize_list(const X &x, Y &y) {
  SP_HLS(PIPELINE)
  copy_pixels(x, y);
  for (int s = 0; s < X::slots; ++s) {
    SP_HLS(UNROLL)
    for (int c = 0; c < X::channels; ++c) {
      SP_HLS(UNROLL)
      const int element = CONFIG::element(x.row[s].to_int(), x.col[s].to_int(), c);
      y.feature[s * X::channels + c] = CONFIG::cast(element, x.feature[s * X::channels + c]);
    }
  }
}

// x / DIVISOR as a number of type TO whose rounding afterwards equals rounding the exact quotient: the last bit of TO
// is "sticky", set when anything is left over. x's word is first moved LEFT bits up and RIGHT bits down into KEPT bits;
// (HIGH · 2^64 + MULTIPLIER) / 2^SHIFT is 1 / DIVISOR, close enough for every such word.
template <class TO, int KEPT, int DIVISOR, int MULTIPLIER_BITS, unsigned long long MULTIPLIER, int SHIFT, int LEFT,
          int RIGHT, unsigned long long HIGH = 0, class X>
TO divide_sticky(const X &x) {
  SP_HLS(INLINE)
  typedef ap_int<KEPT + RIGHT> whole_t;
  const whole_t whole = whole_t(code_of(x)) << LEFT;
  const ap_int<KEPT> kept = whole >> RIGHT;
  bool rest = (whole_t(kept) << RIGHT) != whole;
  const bool negative = kept < ap_int<KEPT>(0);
  const ap_uint<KEPT> magnitude = negative ? ap_int<KEPT>(-kept - ap_int<KEPT>(1)) : kept;
  const ap_uint<128> high = ap_uint<128>(HIGH) << 64;
  const ap_uint<MULTIPLIER_BITS> multiplier = high + ap_uint<64>(MULTIPLIER);
  const ap_uint<KEPT + MULTIPLIER_BITS> product = magnitude * multiplier;
  const ap_int<KEPT> ratio = product >> SHIFT;
  const ap_int<KEPT> quotient = negative ? ap_int<KEPT>(-ratio - ap_int<KEPT>(1)) : ratio;
  if (quotient * ap_int<32>(DIVISOR) != kept) rest = true;
  return same_bits<TO>(ap_int<TO::width>(ap_int<TO::width>(quotient) + ap_int<TO::width>(quotient) + ap_int<2>(rest ? 1 : 0)));
}

// Sign-magnitude wrapping into the unsigned TO: x has one bit more, and where that bit is set the rest is inverted.
template <class TO, class X> TO fold_top_bit(const X &x) {
  SP_HLS(INLINE)
  typedef ap_uint<TO::width> code_t;
  const ap_uint<TO::width + 1> code = code_of(x);
  const code_t low = code;
  const bool top = (code >> TO::width) != ap_uint<TO::width + 1>(0);
  return same_bits<TO>(top ? code_t(-low - ap_uint<1>(1)) : low);
}

template <int SIZE, class T> void copy(const T x[SIZE], T y[SIZE]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < SIZE; ++j) {
    SP_HLS(UNROLL)
    y[j] = x[j];
  }
}

template <class X> void copy(const X &x, X &y) {
  SP_HLS(PIPELINE)
  copy_pixels(x, y);
  for (int j = 0; j < X::slots * X::channels; ++j) {
    SP_HLS(UNROLL)
    y.feature[j] = x.feature[j];
  }
}

// One value for each of two readers.
template <int SIZE, class T> void fork(const T x[SIZE], T a[SIZE], T b[SIZE]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < SIZE; ++j) {
    SP_HLS(UNROLL)
    a[j] = x[j];
    b[j] = x[j];
  }
}

template <class X> void fork(const X &x, X &a, X &b) {
  SP_HLS(PIPELINE)
  copy(x, a);
  copy(x, b);
}

}  // namespace sp

#endif
