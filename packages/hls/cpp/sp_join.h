// Ways to put many numbers together, for pooling and reductions along axes. SUM holds every result exactly.
#ifndef SP_JOIN_H
#define SP_JOIN_H

#include "sp_types.h"

namespace sp {

template <class SUM> struct join_sum {
  typedef SUM sum_t;
  template <class X> static SUM join(const SUM &sum, const X &x, bool) {
    SP_HLS(INLINE)
    return SUM(sum + x);
  }
};

template <class SUM> struct join_max {
  typedef SUM sum_t;
  template <class X> static SUM join(const SUM &max, const X &x, bool first) {
    SP_HLS(INLINE)
    return first || SUM(x) > max ? SUM(x) : max;
  }
};

template <class SUM> struct join_min {
  typedef SUM sum_t;
  template <class X> static SUM join(const SUM &min, const X &x, bool first) {
    SP_HLS(INLINE)
    return first || SUM(x) < min ? SUM(x) : min;
  }
};

}  // namespace sp

#endif
