// What a shared library of a network needs behind its C functions: reals to words and back, exactly as the network's model
// has them, and batches. Simulation only.
//
// A word is the integer that a port carries: a number is word * 2^-fraction.
#ifndef SP_LIBRARY_H
#define SP_LIBRARY_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

#include "sp_list.h"

namespace sp {
namespace library {

enum status { fine = 0, no_such_port = 1, null_pointer = 2, not_a_number = 3, out_of_range = 4, too_wide = 5, failed = 6 };

inline const char *text(int code) {
  switch (code) {
    case fine: return "no error";
    case no_such_port: return "there is no such port; count from 0";
    case null_pointer: return "a pointer is null: every input and output needs an array";
    case not_a_number: return "an input is NaN";
    case out_of_range: return "an input word is none of its element's format";
    case too_wide: return "a port has more than 61 bits, too wide for 64-bit words";
    case failed: return "the system refused, most likely for want of memory";
  }
  return "unknown error";
}

enum rounding { TRN, TRN_ZERO, RND, RND_ZERO, RND_MIN_INF, RND_INF, RND_CONV };
enum overflow { WRAP, WRAP_SM, SAT, SAT_SYM, SAT_ZERO };

// Sign bit, integer bits without it, fraction bits.
struct format {
  short k, i, f;
};

// Widest format whose codes stay exact here.
const int most_bits = 61;

// A port as its users see it. Reals are a row-major tensor; words too, or of a list, slot after slot: valid, row, column, features.
struct port {
  const char *name;
  std::size_t reals, words;
  int fraction, width;
  const format *formats;  // of the elements of an input, or one for all of them
  std::size_t format_count;
  rounding round;
  overflow over;
};

inline std::int64_t lowest(const format &to) { return to.k ? -(std::int64_t(1) << (to.i + to.f)) : 0; }
inline std::int64_t highest(const format &to) { return (std::int64_t(1) << (to.i + to.f)) - 1; }

// The integer next to x that the mode asks for, as a double: exact for every double.
inline double rounded(double x, rounding mode) {
  const double magnitude = std::fabs(x), floor = std::floor(magnitude), rest = magnitude - floor;
  const bool negative = x < 0, tie = rest == 0.5;
  bool up = rest > 0.5;
  switch (mode) {
    case TRN: up = negative && rest > 0; break;
    case TRN_ZERO: up = false; break;
    case RND: up = up || (tie && !negative); break;
    case RND_MIN_INF: up = up || (tie && negative); break;
    case RND_INF: up = up || tie; break;
    case RND_ZERO: break;
    case RND_CONV: up = up || (tie && std::fmod(floor, 2) == 1); break;
  }
  return std::copysign(up ? floor + 1 : floor, x);
}

// The code of x in a format of at most most_bits bits: the number is code * 2^-f.
inline std::int64_t quantized(double x, const format &to, rounding round, overflow over) {
  const int width = to.k + to.i + to.f;
  if (width <= 0) return 0;
  double scaled = std::ldexp(x, to.f);
  // An underflow keeps the sign visible to the rounding.
  if (scaled == 0 && x != 0) scaled = std::copysign(0.25, x);
  const double code = rounded(scaled, round);
  const std::int64_t high = highest(to), low = over == SAT_SYM ? (to.k ? -high : 0) : lowest(to);
  const double limit = std::ldexp(1.0, most_bits);
  if (std::fabs(code) < limit) {
    const std::int64_t whole = static_cast<std::int64_t>(code);
    if (low <= whole && whole <= high) return whole;
  }
  if (over == SAT || over == SAT_SYM) return code < 0 ? low : high;
  if (over == SAT_ZERO || std::isinf(code)) return 0;
  const std::uint64_t span = std::uint64_t(1) << width;
  // Two repetitions of the range, of which the second runs backwards for WRAP_SM.
  std::int64_t rest = static_cast<std::int64_t>(std::fmod(code, std::ldexp(1.0, width + 1)));
  if (rest < 0) rest += static_cast<std::int64_t>(2 * span);
  std::int64_t wrapped = rest % static_cast<std::int64_t>(span);
  if (wrapped > high) wrapped -= static_cast<std::int64_t>(span);
  const bool backwards = ((rest - wrapped) / static_cast<std::int64_t>(span)) % 2 != 0;
  return over == WRAP_SM && backwards ? low + high - wrapped : wrapped;
}

inline const format &format_of(const port &of, std::size_t element) {
  return of.formats[of.format_count == 1 ? 0 : element];
}

// By how many bits an element's code stands further left in the port's word.
inline int shift_of(const port &of, const format &element) {
  return element.k + element.i + element.f > 0 ? of.fraction - element.f : 0;
}

// The words of one image.
template <class REAL> status encode(const port &to, const REAL *reals, std::int64_t *words) {
  if (to.width > most_bits) return too_wide;
  for (std::size_t j = 0; j < to.reals; ++j) {
    const double x = static_cast<double>(reals[j]);
    if (std::isnan(x)) return not_a_number;
    const format &element = format_of(to, j);
    words[j] = quantized(x, element, to.round, to.over) * (std::int64_t(1) << shift_of(to, element));
  }
  return fine;
}

// Whether the words of one image are what their elements' formats hold.
inline status check(const port &of, const std::int64_t *words) {
  if (of.width > most_bits) return too_wide;
  for (std::size_t j = 0; j < of.words; ++j) {
    const format &element = format_of(of, j);
    const std::int64_t unit = std::int64_t(1) << shift_of(of, element), code = words[j] / unit;
    if (element.k + element.i + element.f <= 0 ? words[j] != 0 : words[j] % unit != 0) return out_of_range;
    if (element.k + element.i + element.f > 0 && (code < lowest(element) || code > highest(element))) return out_of_range;
  }
  return fine;
}

// Outputs as words.
struct word_sink {
  typedef std::int64_t number;
  static std::size_t size(const port &of) { return of.words; }
  template <class T> static status write(const T *x, std::size_t size, int, number *to) {
    if (T::width > most_bits) return too_wide;
    for (std::size_t j = 0; j < size; ++j) to[j] = ap_int<64>(code_of(x[j])).to_int64();
    return fine;
  }
  template <int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
  static status write(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x, std::size_t, std::size_t, int, number *to) {
    for (int s = 0; s < SLOTS; ++s, to += 3 + CHANNELS) {
      to[0] = x.valid[s] ? 1 : 0;
      to[1] = x.row[s].to_int();
      to[2] = x.col[s].to_int();
      if (const status problem = write(x.feature + s * CHANNELS, CHANNELS, 1, to + 3)) return problem;
    }
    return fine;
  }
};

// Outputs as reals, divided by what the values stand for a multiple of; a list is put into its image.
template <class REAL> struct real_sink {
  typedef REAL number;
  static std::size_t size(const port &of) { return of.reals; }
  template <class T> static status write(const T *x, std::size_t size, int divisor, number *to) {
    for (std::size_t j = 0; j < size; ++j) to[j] = static_cast<REAL>(x[j].to_double() / divisor);
    return fine;
  }
  template <int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
  static status write(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x, std::size_t height, std::size_t width,
                      int divisor, number *to) {
    for (std::size_t j = 0; j < height * width * CHANNELS; ++j) to[j] = 0;
    for (int s = 0; s < SLOTS; ++s) {
      if (!x.valid[s]) continue;
      const std::size_t pixel = static_cast<std::size_t>(x.row[s].to_int()) * width + static_cast<std::size_t>(x.col[s].to_int());
      write(x.feature + s * CHANNELS, CHANNELS, divisor, to + pixel * CHANNELS);
    }
    return fine;
  }
};

template <class T> void words_into(const std::int64_t *words, T *x, std::size_t size) {
  for (std::size_t j = 0; j < size; ++j) x[j] = same_bits<T>(ap_int<64>(static_cast<long long>(words[j])));
}

// A batch, one caller at a time. ENTRY(input, image, words) fills the words of an image, RUN(words, image) computes it.
template <class ENTRY, class RUN>
int batch(const port *inputs, std::size_t input_count, std::size_t images, const ENTRY &entry, const RUN &run) {
  static std::mutex one;
  try {
    const std::lock_guard<std::mutex> held(one);
    std::vector<std::vector<std::int64_t> > words;
    for (std::size_t p = 0; p < input_count; ++p) words.emplace_back(inputs[p].words);
    for (std::size_t image = 0; image < images; ++image) {
      for (std::size_t p = 0; p < input_count; ++p)
        if (const status problem = entry(p, image, words[p].data())) return problem;
      if (const status problem = run(words, image)) return problem;
    }
    return fine;
  } catch (const std::exception &) {
    return failed;
  }
}

template <class NUMBER> bool any_null(NUMBER *const *arrays, std::size_t count) {
  if (count > 0 && arrays == nullptr) return true;
  for (std::size_t p = 0; p < count; ++p)
    if (arrays[p] == nullptr) return true;
  return false;
}

}  // namespace library
}  // namespace sp

#endif
