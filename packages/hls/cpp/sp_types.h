// The number types of the kernels: AMD's ap_fixed / ap_int when synthesising (or with -DSP_USE_AP_TYPES), ours
// otherwise. Both compute the same numbers. Also the few things the two headers spell differently.
#ifndef SP_TYPES_H
#define SP_TYPES_H

#if defined(__SYNTHESIS__) || defined(SP_USE_AP_TYPES)
#include "ap_fixed.h"
#include "ap_int.h"
#define SP_AP_TYPES 1
#else
#include "sp_fixed.h"
#define SP_AP_TYPES 0
#endif

// SP_HLS(UNROLL factor=4) is #pragma HLS UNROLL factor=4, and SP_LOOP(Rows) names the loop that follows in the tool's
// reports. Other compilers see nothing.
#ifdef __SYNTHESIS__
#define SP_PRAGMA(...) _Pragma(#__VA_ARGS__)
#define SP_HLS(...) SP_PRAGMA(HLS __VA_ARGS__)
#define SP_LOOP(name) name:
#else
#define SP_HLS(...)
#define SP_LOOP(name)
#endif
// Pragmas that only one of the tools knows.
#ifdef __VITIS_HLS__
#define SP_VITIS(...) SP_HLS(__VA_ARGS__)
#else
#define SP_VITIS(...)
#endif
#ifdef __VIVADO_HLS__
#define SP_VIVADO(...) SP_HLS(__VA_ARGS__)
#else
#define SP_VIVADO(...)
#endif
// All slots of a list are accessible at once: after its declaration, since a constructor cannot say so in a dataflow region.
#define SP_LIST(name)                                   \
  SP_HLS(ARRAY_PARTITION variable=name.valid complete)  \
  SP_HLS(ARRAY_PARTITION variable=name.row complete)    \
  SP_HLS(ARRAY_PARTITION variable=name.col complete)    \
  SP_HLS(ARRAY_PARTITION variable=name.feature complete)

// Before functions of thousands of sums, each of its own type. Optimising them takes compilers a minute and more of time, to
// save microseconds per image; so in simulation they stay as they are written.
#if SP_AP_TYPES
#define SP_SUMS
#elif defined(__clang__)
#define SP_SUMS __attribute__((optnone, noinline))
#elif defined(__GNUC__)
#define SP_SUMS __attribute__((optimize("O0")))
#else
#define SP_SUMS
#endif

// Constants are arrays of integer codes: as wide as their numbers in hardware; plain integers elsewhere, since compilers
// need milliseconds for these and minutes for as many constructors.
#ifdef __SYNTHESIS__
#define SP_CODE(exact, plain) exact
#else
#define SP_CODE(exact, plain) plain
#endif

namespace sp {

#if SP_AP_TYPES
// TO's word filled with FROM's: the number times a power of two.
template <class TO, class FROM> TO same_bits(const FROM &from) {
  SP_HLS(INLINE)
  TO to = TO(0);
  to.range(TO::width - 1, 0) = from.range(FROM::width - 1, 0);
  return to;
}
// The word as an integer.
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N> ap_int<W> code_of(const ap_fixed<W, I, Q, O, N> &x) {
  SP_HLS(INLINE)
  ap_int<W> code = 0;
  code.range(W - 1, 0) = x.range(W - 1, 0);
  return code;
}
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N> ap_uint<W> code_of(const ap_ufixed<W, I, Q, O, N> &x) {
  SP_HLS(INLINE)
  ap_uint<W> code = 0;
  code.range(W - 1, 0) = x.range(W - 1, 0);
  return code;
}
template <int W> ap_int<W> code_of(const ap_int<W> &x) { return x; }
template <int W> ap_uint<W> code_of(const ap_uint<W> &x) { return x; }
#else
template <class TO, class FROM> TO same_bits(const FROM &from) {
  TO to;
  to.V = detail::wrap<TO::width, TO::is_signed>(from.V);
  return to;
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed_base<W, W, S> code_of(const fixed_base<W, I, S, Q, O> &x) {
  return fixed_base<W, W, S>::from_raw(x.V);
}
#endif

// The number of type T whose word is this code, which fits.
#if SP_AP_TYPES
template <class T, class CODE> T coded(const CODE &code) {
  SP_HLS(INLINE)
  return same_bits<T>(ap_int<T::width>(code));
}
#else
template <class T, class CODE> T coded(const CODE &code) {
  T x;
  x.V = static_cast<typename T::raw>(code);
  return x;
}
#endif

// x * 2^SHIFT: the same word with the binary point elsewhere.
#if SP_AP_TYPES
template <int SHIFT, int W, int I, ap_q_mode Q, ap_o_mode O, int N>
ap_fixed<W, I + SHIFT> power(const ap_fixed<W, I, Q, O, N> &x) {
  SP_HLS(INLINE)
  return same_bits<ap_fixed<W, I + SHIFT> >(x);
}
template <int SHIFT, int W, int I, ap_q_mode Q, ap_o_mode O, int N>
ap_ufixed<W, I + SHIFT> power(const ap_ufixed<W, I, Q, O, N> &x) {
  SP_HLS(INLINE)
  return same_bits<ap_ufixed<W, I + SHIFT> >(x);
}
#else
template <int SHIFT, int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr fixed_base<W, I + SHIFT, S> power(const fixed_base<W, I, S, Q, O> &x) {
  return fixed_base<W, I + SHIFT, S>::from_raw(x.V);
}
#endif

}  // namespace sp

#if !SP_AP_TYPES
// Emitted code names the types as AMD's headers do.
using sp::ap_fixed;
using sp::ap_int;
using sp::ap_ufixed;
using sp::ap_uint;
using sp::AP_RND;
using sp::AP_RND_CONV;
using sp::AP_RND_INF;
using sp::AP_RND_MIN_INF;
using sp::AP_RND_ZERO;
using sp::AP_SAT;
using sp::AP_SAT_SYM;
using sp::AP_SAT_ZERO;
using sp::AP_TRN;
using sp::AP_TRN_ZERO;
using sp::AP_WRAP;
using sp::AP_WRAP_SM;
#endif

#endif
