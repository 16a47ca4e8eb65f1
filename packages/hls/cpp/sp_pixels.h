// Places of pixels that are computed side by side, group after group, without a division.
#ifndef SP_PIXELS_H
#define SP_PIXELS_H

#include "sp_types.h"

namespace sp {
namespace detail {

// Rows and columns of COUNT neighbouring pixels in rows of WIDTH, from the first ones on; then of the next COUNT pixels.
template <int WIDTH, int COUNT> void first_pixels(int row[COUNT], int col[COUNT]) {
  SP_HLS(INLINE)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(UNROLL)
    row[i] = i / WIDTH;
    col[i] = i % WIDTH;
  }
}

template <int WIDTH, int COUNT> void next_pixels(int row[COUNT], int col[COUNT]) {
  SP_HLS(INLINE)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(UNROLL)
    row[i] += COUNT / WIDTH;
    col[i] += COUNT % WIDTH;
    if (col[i] >= WIDTH) {
      col[i] -= WIDTH;
      ++row[i];
    }
  }
}

}  // namespace detail
}  // namespace sp

#endif
