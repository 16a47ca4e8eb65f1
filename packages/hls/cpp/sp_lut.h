// Function tables.
#ifndef SP_LUT_H
#define SP_LUT_H

#include "sp_arithmetic.h"

namespace sp {

// Where a number stands in a table: its word as type FROM (WIDTH bits), read as an unsigned integer.
template <class FROM, int WIDTH, class X> int table_index(const X &x) {
  SP_HLS(INLINE)
  return same_bits<ap_uint<WIDTH> >(FROM(x)).to_int();
}

}  // namespace sp

#endif
