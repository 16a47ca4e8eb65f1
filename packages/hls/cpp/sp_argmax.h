// First position of the largest number.
#ifndef SP_ARGMAX_H
#define SP_ARGMAX_H

#include "sp_types.h"

namespace sp {

namespace detail {

// Largest of COUNT numbers by a binary tree; of equal ones the first.
template <int COUNT> struct largest {
  static const int half = COUNT / 2;
  template <class X> static int of(const X *x, int offset) {
    SP_HLS(INLINE)
    const int left = largest<half>::of(x, offset);
    const int right = largest<COUNT - half>::of(x, offset + half);
    return x[right] > x[left] ? right : left;
  }
};

template <> struct largest<1> {
  template <class X> static int of(const X *, int offset) {
    SP_HLS(INLINE)
    return offset;
  }
};

}  // namespace detail

// CONFIG: rows, length, one_hot.
template <class CONFIG, class X, class Y>
void argmax(const X x[CONFIG::rows * CONFIG::length], Y *y) {
  SP_HLS(PIPELINE)
  for (int r = 0; r < CONFIG::rows; ++r) {
    SP_HLS(UNROLL)
    const int best = detail::largest<CONFIG::length>::of(x + r * CONFIG::length, 0);
    if (CONFIG::one_hot) {
      for (int j = 0; j < CONFIG::length; ++j) {
        SP_HLS(UNROLL)
        y[r * CONFIG::length + j] = Y(j == best ? 1 : 0);
      }
    } else {
      y[r] = Y(best);
    }
  }
}

}  // namespace sp

#endif
