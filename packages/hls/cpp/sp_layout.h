// Ops that only move numbers: wires in hardware.
#ifndef SP_LAYOUT_H
#define SP_LAYOUT_H

#include "sp_list.h"

namespace sp {

// y[j] = x[source(j)], or 0 where source(j) is negative. CONFIG: size, source(j).
template <class CONFIG, class X, class Y> void gather(const X *x, Y y[CONFIG::size]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < CONFIG::size; ++j) {
    SP_HLS(UNROLL)
    const int source = CONFIG::source(j);
    y[j] = source < 0 ? Y(0) : Y(x[source < 0 ? 0 : source]);
  }
}

// One operand of a concatenation: OUTER blocks of SIZE numbers, at OFFSET in blocks of TOTAL.
template <int OUTER, int SIZE, int TOTAL, int OFFSET, class X, class Y> void place(const X x[OUTER * SIZE], Y y[OUTER * TOTAL]) {
  SP_HLS(INLINE)
  for (int block = 0; block < OUTER; ++block) {
    SP_HLS(UNROLL)
    for (int j = 0; j < SIZE; ++j) {
      SP_HLS(UNROLL)
      y[block * TOTAL + OFFSET + j] = Y(x[block * SIZE + j]);
    }
  }
}

}  // namespace sp

#endif
