// Reading and comparing the words of ports in a testbench. Simulation only.
#ifndef SP_TESTBENCH_H
#define SP_TESTBENCH_H

#include <istream>
#include <string>

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

template <class T> int differences(const T *x, const T *golden, int size) {
  int count = 0;
  for (int j = 0; j < size; ++j)
    if (x[j] != golden[j]) ++count;
  return count;
}

template <int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
int differences(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x,
                const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &golden) {
  int count = differences(x.feature, golden.feature, SLOTS * CHANNELS);
  for (int s = 0; s < SLOTS; ++s)
    if (x.valid[s] != golden.valid[s] || x.row[s] != golden.row[s] || x.col[s] != golden.col[s]) ++count;
  return count;
}

}  // namespace testbench
}  // namespace sp

#endif
