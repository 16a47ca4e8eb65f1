// Fixed-point and integer types with the interface and the arithmetic of AMD's ap_fixed.h / ap_int.h, as far as the
// kernels beside this file use them, for any C++17 compiler.
//
// A number of type ap_[u]fixed<W, I, Q, O> holds the W-bit integer V and stands for V * 2^-(W - I). I may be negative
// or exceed W. Sums, differences, products and comparisons are exact; only construction of one type from another
// rounds (Q) and handles overflow (O). Values of up to 64 bits are plain machine integers.
//
// Differences from AMD's headers, on purpose:
//   - comparing types of different signedness is right at every width;
//   - a cast may drop more fraction bits than the source has;
//   - AP_SAT_SYM into a 1-bit signed type gives 0;
//   - AP_WRAP_SM folds unsigned types too (AMD's wraps them), and what is folded is the rounded number (AMD's looks at the
//     bits above before rounding adds its carry).
// Emitted code avoids these, so both headers compute the same numbers.
#ifndef SP_FIXED_H
#define SP_FIXED_H

#include "sp_wide.h"

namespace sp {

enum ap_q_mode { AP_RND, AP_RND_ZERO, AP_RND_MIN_INF, AP_RND_INF, AP_RND_CONV, AP_TRN, AP_TRN_ZERO };
enum ap_o_mode { AP_SAT, AP_SAT_ZERO, AP_SAT_SYM, AP_WRAP, AP_WRAP_SM };

namespace detail {

constexpr int max_of(int a, int b) { return a > b ? a : b; }
constexpr int min_of(int a, int b) { return a < b ? a : b; }

// round(value / 2^drop), drop >= 1: add what the mode asks for, then floor.
template <ap_q_mode Q, class T> constexpr T round_shift(const T &value, int drop) {
  if constexpr (Q == AP_TRN) {
    return value >> drop;
  } else if constexpr (Q == AP_TRN_ZERO) {
    const T rest = shift_left(T(1), drop) - T(1);
    return (value < T(0) ? T(value + rest) : value) >> drop;
  } else {
    const T half = shift_left(T(1), drop - 1);
    if constexpr (Q == AP_RND) {
      return T(value + half) >> drop;
    } else if constexpr (Q == AP_RND_MIN_INF) {
      return T(value + (half - T(1))) >> drop;
    } else if constexpr (Q == AP_RND_ZERO) {
      return T(value + (value < T(0) ? half : T(half - T(1)))) >> drop;
    } else if constexpr (Q == AP_RND_INF) {
      return T(value + (value < T(0) ? T(half - T(1)) : half)) >> drop;
    } else {
      const T odd = T(value >> drop) & T(1);
      return T(value + (half - T(1)) + odd) >> drop;
    }
  }
}

// The low W bits of value, sign- or zero-extended.
template <int W, bool S, class T> constexpr word<W + !S> wrap(const T &value) {
  typedef word<W + !S> raw;
  const raw low = convert<raw>(value);
  if constexpr (S) {
    constexpr int spare = (is_wide<raw>::value ? 64 * limbs_of<raw>::value : 8 * int(sizeof(raw))) - W;
    return shift_left(low, spare) >> spare;
  } else {
    return low & ~shift_left(raw(-1), W);
  }
}

// Brings value into W bits as the overflow mode says. T must hold value and W + 2 bits.
template <int W, bool S, ap_o_mode O, class T> constexpr word<W + !S> fit(const T &value) {
  if constexpr (O == AP_WRAP) {
    return wrap<W, S>(value);
  } else {
    typedef word<W + !S> raw;
    const T high = shift_left(T(1), W - S) - T(1);
    const T lowest = S ? T(-high - T(1)) : T(0);
    if constexpr (O == AP_WRAP_SM) {
      if (!(value < lowest) && !(high < value)) return convert<raw>(value);
      // Sign-magnitude wrap: the first dropped bit becomes the sign; if it differs from the kept one, all bits flip.
      const raw kept = wrap<W, S>(value);
      const bool dropped = (T(value >> W) & T(1)) != T(0);
      return dropped == (kept < raw(0)) ? kept : wrap<W, S>(raw(~kept));
    } else if constexpr (O == AP_SAT_ZERO) {
      return value < lowest || high < value ? raw(0) : convert<raw>(value);
    } else {
      const T low = O == AP_SAT_SYM && S ? T(-high) : lowest;
      return convert<raw>(value < low ? low : high < value ? high : value);
    }
  }
}

// The code of a BITS-bit integer with FROM fraction bits in <W, S> with TO fraction bits.
template <int BITS, int FROM, int W, int TO, bool S, ap_q_mode Q, ap_o_mode O, class T>
constexpr word<W + !S> cast(const T &value) {
  if constexpr (TO >= FROM) {
    // Bits above the destination matter for the overflow modes, but never more than one beyond it when wrapping.
    typedef word<max_of(BITS + TO - FROM, W + 2)> work;
    return fit<W, S, O>(shift_left(convert<work>(value), TO - FROM));
  } else {
    // Dropping more than BITS + 1 bits rounds like dropping BITS + 1: what is left is below a half either way.
    constexpr int drop = min_of(FROM - TO, BITS + 1);
    typedef word<max_of(max_of(BITS, drop + 1) + 2, W + 2)> work;
    return fit<W, S, O>(round_shift<Q>(convert<work>(value), drop));
  }
}

}  // namespace detail

template <int W, int I, bool S, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP> struct fixed_base {
  static_assert(W >= 1, "a fixed-point type needs at least one bit");
  static constexpr int width = W, iwidth = I, fraction = W - I;
  static constexpr bool is_signed = S;
  static constexpr int bits = W + !S;  // as a signed integer
  typedef word<bits> raw;

  raw V = raw(0);

  constexpr fixed_base() = default;

  template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2>
  constexpr fixed_base(const fixed_base<W2, I2, S2, Q2, O2> &other)
      : V(detail::cast<W2 + !S2, W2 - I2, W, W - I, S, Q, O>(other.V)) {}

  template <class N, std::enable_if_t<std::is_integral_v<N>, int> = 0>
  constexpr fixed_base(N value) : V(from_integer(value)) {}

  constexpr fixed_base(double value) : V(from_double(value)) {}

  static constexpr fixed_base from_raw(const raw &code) {
    fixed_base result;
    result.V = code;
    return result;
  }

  template <class R> constexpr fixed_base &operator+=(const R &other) { return *this = fixed_base(*this + other); }
  template <class R> constexpr fixed_base &operator-=(const R &other) { return *this = fixed_base(*this - other); }

  // Of the words, for equal types.
  constexpr fixed_base &operator|=(const fixed_base &other) {
    V = V | other.V;
    return *this;
  }

  // Truncates toward zero, as AMD's conversion does.
  constexpr int to_int() const {
    return static_cast<int>(detail::cast<bits, fraction, 32, 0, true, AP_TRN_ZERO, AP_WRAP>(V));
  }
  constexpr long long to_int64() const {
    return static_cast<long long>(detail::cast<bits, fraction, 64, 0, true, AP_TRN_ZERO, AP_WRAP>(V));
  }
  constexpr double to_double() const {
    double value = 0;
    constexpr int limbs = detail::limbs_of<raw>::value;
    for (int j = limbs - 1; j >= 0; --j) {
      const std::uint64_t limb = detail::limb_of(V, j);
      value = value * 18446744073709551616.0 +
              (j == limbs - 1 ? static_cast<double>(static_cast<std::int64_t>(limb)) : static_cast<double>(limb));
    }
    for (int f = 0; f < fraction; ++f) value *= 0.5;
    for (int f = 0; f > fraction; --f) value *= 2;
    return value;
  }

 private:
  template <class N> static constexpr raw from_integer(N value) {
    if constexpr (std::is_signed_v<N> || sizeof(N) < 8) {
      return detail::cast<64, 0, W, W - I, S, Q, O>(static_cast<std::int64_t>(value));
    } else {
      return detail::cast<65, 0, W, W - I, S, Q, O>(static_cast<int128>(value));
    }
  }

  // Exact: a double is m * 2^e with |m| < 2^53.
  static constexpr raw from_double(double value) {
    typedef word<(W > 62 ? W : 62) + 66> work;
    int exponent = 0;
    double magnitude = value < 0 ? -value : value;
    if (magnitude == 0) return raw(0);
    while (magnitude >= 9007199254740992.0) magnitude *= 0.5, ++exponent;
    while (magnitude < 4503599627370496.0) magnitude *= 2, --exponent;
    const std::int64_t mantissa = static_cast<std::int64_t>(value < 0 ? -magnitude : magnitude);
    const int shift = exponent + W - I;
    if (shift >= 0) return detail::fit<W, S, O>(detail::shift_left(work(mantissa), shift > W + 2 ? W + 2 : shift));
    return detail::fit<W, S, O>(detail::round_shift<Q>(work(mantissa), -shift > 60 ? 60 : -shift));
  }
};

// The four names. Inherited constructors leave out the one from the base itself, hence the line for it.
#define SP_TYPE(NAME, ...)                         \
  typedef fixed_base<__VA_ARGS__> base;            \
  using base::base;                                \
  constexpr NAME() = default;                      \
  constexpr NAME(const base &other) : base(other) {}

template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
struct ap_fixed : fixed_base<W, I, true, Q, O> {
  static_assert(N == 0, "saturated bits of wrapping modes are not supported");
  SP_TYPE(ap_fixed, W, I, true, Q, O)
};

template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
struct ap_ufixed : fixed_base<W, I, false, Q, O> {
  static_assert(N == 0, "saturated bits of wrapping modes are not supported");
  SP_TYPE(ap_ufixed, W, I, false, Q, O)
};

template <int W> struct ap_int : fixed_base<W, W, true> {
  SP_TYPE(ap_int, W, W, true)
};

template <int W> struct ap_uint : fixed_base<W, W, false> {
  SP_TYPE(ap_uint, W, W, false)
};

#undef SP_TYPE

namespace detail {

// The type in which the sum or difference of two types is exact.
template <class A, class B, bool SIGNED> struct sum_of {
  static constexpr bool mixed = A::is_signed != B::is_signed;
  static constexpr int integer =
      max_of(A::iwidth + (mixed && !A::is_signed), B::iwidth + (mixed && !B::is_signed)) + 1;
  static constexpr int fraction = max_of(A::fraction, B::fraction);
  typedef fixed_base<integer + fraction, integer, SIGNED || A::is_signed || B::is_signed> type;
};

template <int TO, class RAW, class A> constexpr RAW aligned(const A &a) {
  return shift_left(convert<RAW>(a.V), TO - A::fraction);
}

template <class A, class B> struct common {
  static constexpr int fraction = max_of(A::fraction, B::fraction);
  typedef word<max_of(A::bits - A::fraction, B::bits - B::fraction) + fraction> raw;
};

}  // namespace detail

#define SP_BINARY(RESULT, OPERATOR)                                                                                   \
  template <int W1, int I1, bool S1, ap_q_mode Q1, ap_o_mode O1, int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2> \
  constexpr RESULT operator OPERATOR(const fixed_base<W1, I1, S1, Q1, O1> &a, const fixed_base<W2, I2, S2, Q2, O2> &b)
#define SP_A fixed_base<W1, I1, S1, Q1, O1>
#define SP_B fixed_base<W2, I2, S2, Q2, O2>
#define SP_SUM(SIGNED) typename detail::sum_of<SP_A, SP_B, SIGNED>::type
#define SP_PRODUCT fixed_base<W1 + W2, I1 + I2, S1 || S2>

SP_BINARY(SP_SUM(false), +) {
  typedef SP_SUM(false) sum;
  return sum::from_raw(detail::aligned<sum::fraction, typename sum::raw>(a) +
                       detail::aligned<sum::fraction, typename sum::raw>(b));
}
SP_BINARY(SP_SUM(true), -) {
  typedef SP_SUM(true) difference;
  return difference::from_raw(detail::aligned<difference::fraction, typename difference::raw>(a) -
                              detail::aligned<difference::fraction, typename difference::raw>(b));
}
SP_BINARY(SP_PRODUCT, *) {
  typedef SP_PRODUCT product;
  return product::from_raw(detail::convert<typename product::raw>(a.V) * detail::convert<typename product::raw>(b.V));
}

#define SP_COMPARE(OPERATOR)                                                                        \
  SP_BINARY(bool, OPERATOR) {                                                                       \
    typedef detail::common<SP_A, SP_B> both;                                                        \
    return detail::aligned<both::fraction, typename both::raw>(a) OPERATOR                          \
        detail::aligned<both::fraction, typename both::raw>(b);                                     \
  }
SP_COMPARE(==)
SP_COMPARE(!=)
SP_COMPARE(<)
SP_COMPARE(<=)
SP_COMPARE(>)
SP_COMPARE(>=)

#undef SP_COMPARE
#undef SP_PRODUCT
#undef SP_SUM
#undef SP_A
#undef SP_B
#undef SP_BINARY

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr fixed_base<W + 1, I + 1, true> operator-(const fixed_base<W, I, S, Q, O> &a) {
  typedef fixed_base<W + 1, I + 1, true> negated;
  return negated::from_raw(-detail::convert<typename negated::raw>(a.V));
}

// Shifts move the word and keep the type: bits fall off, nothing rounds or saturates.
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr fixed_base<W, I, S, Q, O> operator<<(const fixed_base<W, I, S, Q, O> &a, int count) {
  typedef fixed_base<W, I, S, Q, O> type;
  if (count < 0) return type::from_raw(a.V >> (-count > W ? W : -count));
  return type::from_raw(detail::wrap<W, S>(detail::shift_left(detail::convert<word<2 * W + 1>>(a.V), count > W ? W : count)));
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr fixed_base<W, I, S, Q, O> operator>>(const fixed_base<W, I, S, Q, O> &a, int count) {
  return a << -count;
}

}  // namespace sp

#endif
