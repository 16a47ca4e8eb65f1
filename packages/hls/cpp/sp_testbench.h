// Reading, writing and comparing the words of ports in a testbench. Simulation only.
#ifndef SP_TESTBENCH_H
#define SP_TESTBENCH_H

#include <cstdint>
#include <cstdio>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "sp_list.h"

namespace sp {
namespace testbench {

// One decimal integer of any length, as the word of x.
template <class T> bool read_word(std::istream &from, T &x) {
  std::string digits;
  if (!(from >> digits)) return false;
  typedef ap_int<T::width + 8> code_t;
  code_t code = 0;
  const bool negative = digits[0] == '-';
  for (std::size_t j = negative ? 1 : 0; j < digits.size(); ++j) code = code * ap_int<8>(10) + ap_int<8>(digits[j] - '0');
  x = same_bits<T>(negative ? code_t(-code) : code);
  return true;
}

template <class T> bool read(std::istream &from, T *x, int size) {
  for (int j = 0; j < size; ++j)
    if (!read_word(from, x[j])) return false;
  return true;
}

template <int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
bool read(std::istream &from, sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x) {
  for (int s = 0; s < SLOTS; ++s) {
    int valid = 0, row = 0, col = 0;
    if (!(from >> valid >> row >> col) || !read(from, x.feature + s * CHANNELS, CHANNELS)) return false;
    x.valid[s] = valid != 0;
    x.row[s] = ap_uint<ROW_BITS>(row);
    x.col[s] = ap_uint<COL_BITS>(col);
  }
  return true;
}

// The word of x as a decimal integer.
template <class T> std::string decimal(const T &x) {
  const int limbs = (T::width + 8 + 31) / 32;
  typedef ap_int<32 * limbs> code_t;
  code_t code = code_of(x);
  const bool negative = code < code_t(0);
  if (negative) code = code_t(-code);
  std::vector<std::uint32_t> rest;
  for (int j = 0; j < limbs; ++j) rest.push_back(static_cast<std::uint32_t>(ap_int<64>(code >> (32 * j)).to_int64()));
  std::string digits;
  for (bool more = true; more;) {
    std::uint64_t remainder = 0;
    more = false;
    for (std::size_t j = rest.size(); j-- > 0;) {
      const std::uint64_t part = (remainder << 32) | rest[j];
      rest[j] = static_cast<std::uint32_t>(part / 10);
      remainder = part % 10;
      more = more || rest[j] != 0;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(remainder)));
  }
  return negative ? "-" + digits : digits;
}

// What of one value is one line's words: the same order as in the data files.
template <class T> std::vector<std::string> words(const T *x, int size) {
  std::vector<std::string> all;
  for (int j = 0; j < size; ++j) all.push_back(decimal(x[j]));
  return all;
}

template <int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
std::vector<std::string> words(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x) {
  std::vector<std::string> all;
  for (int s = 0; s < SLOTS; ++s) {
    all.push_back(x.valid[s] ? "1" : "0");
    all.push_back(decimal(x.row[s]));
    all.push_back(decimal(x.col[s]));
    for (int c = 0; c < CHANNELS; ++c) all.push_back(decimal(x.feature[s * CHANNELS + c]));
  }
  return all;
}

// Counts words that are not as expected, and names the first of them.
struct judge {
  int images, mismatches;
  judge() : images(0), mismatches(0) {}

  // found: where the words go, a line per image, in the form of the expected ones.
  void compare(const char *output, const std::vector<std::string> &x, const std::vector<std::string> &expected,
               std::ostream &found) {
    const int most = 20;
    for (std::size_t j = 0; j < x.size(); ++j) {
      found << (j == 0 ? "" : " ") << x[j];
      if (x[j] == expected[j]) continue;
      ++mismatches;
      if (mismatches <= most)
        std::printf("image %d, output %s, word %d: expected %s, found %s\n", images, output, static_cast<int>(j),
                    expected[j].c_str(), x[j].c_str());
      if (mismatches == most) std::printf("more are only counted\n");
    }
    found << "\n";
  }
};

}  // namespace testbench
}  // namespace sp

#endif
