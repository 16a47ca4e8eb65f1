// Non-overlapping pooling of a sparse list. The first valid slot of a cell carries it; the cell's later slots and
// the slots of partial border cells become invalid. Slots keep their place.
#ifndef SP_SPARSE_POOL2D_H
#define SP_SPARSE_POOL2D_H

#include "sp_list.h"

namespace sp {

// Average: y holds the cell's sum; the division by the window is y's binary point and what the graph calls divisor.
struct pool_average {
  template <class Y, class SUM> static Y finish(const SUM &sum, int, int) {
    SP_HLS(INLINE)
    return same_bits<Y>(sum);
  }
  template <class SUM, class T> static SUM join(const SUM &sum, const T &x, bool) {
    SP_HLS(INLINE)
    return SUM(sum + x);
  }
};

// Maximum over the cell's pixels, those without a slot counting as 0.
struct pool_maximum {
  template <class Y, class MAX> static Y finish(const MAX &max, int members, int area) {
    SP_HLS(INLINE)
    return members < area && max < MAX(0) ? Y(0) : Y(max);
  }
  template <class MAX, class T> static MAX join(const MAX &max, const T &x, bool first) {
    SP_HLS(INLINE)
    return first || MAX(x) > max ? MAX(x) : max;
  }
};

// CONFIG: out_height, out_width, pool_height, pool_width, channels, pixel_parallel (divides slots),
// channel_parallel (divides channels), sum_t (exact), cell_row(row) and cell_col(col): exact divisions by the pool.
template <class CONFIG, class POOL, class X, class Y> void sparse_pool2d(const X &x, Y &y) {
  typedef typename CONFIG::sum_t sum_t;
  bool inside[X::slots];
  int cell_row[X::slots], cell_col[X::slots];
  SP_HLS(ARRAY_PARTITION variable=inside complete)
  SP_HLS(ARRAY_PARTITION variable=cell_row complete)
  SP_HLS(ARRAY_PARTITION variable=cell_col complete)
  for (int s = 0; s < X::slots; ++s) {
    SP_HLS(UNROLL)
    cell_row[s] = CONFIG::cell_row(x.row[s].to_int());
    cell_col[s] = CONFIG::cell_col(x.col[s].to_int());
    inside[s] = x.valid[s] && cell_row[s] < CONFIG::out_height && cell_col[s] < CONFIG::out_width;
  }

  const int channel_groups = CONFIG::channels / CONFIG::channel_parallel;
  const int groups = X::slots / CONFIG::pixel_parallel * channel_groups;
  int first_slot = 0, first_channel = 0;
  SP_LOOP(Groups)
  for (int g = 0; g < groups; ++g) {
    SP_HLS(PIPELINE II=1)
    for (int p = 0; p < CONFIG::pixel_parallel; ++p) {
      SP_HLS(UNROLL)
      const int o = first_slot + p;
      bool carries = inside[o];
      int members = 0;
      sum_t sum[CONFIG::channel_parallel];
      SP_HLS(ARRAY_PARTITION variable=sum complete)
      for (int c = 0; c < CONFIG::channel_parallel; ++c) {
        SP_HLS(UNROLL)
        sum[c] = sum_t(0);
      }
      for (int i = 0; i < X::slots; ++i) {
        SP_HLS(UNROLL)
        const bool together = inside[i] && cell_row[i] == cell_row[o] && cell_col[i] == cell_col[o];
        if (together && i < o) carries = false;
        // Only the cell's first slot is kept, and for it all other members come later.
        if (together && i >= o) {
          for (int c = 0; c < CONFIG::channel_parallel; ++c) {
            SP_HLS(UNROLL)
            sum[c] = POOL::join(sum[c], x.feature[i * CONFIG::channels + first_channel + c], members == 0);
          }
          ++members;
        }
      }
      y.valid[o] = carries;
      y.row[o] = typename Y::row_t(carries ? cell_row[o] : 0);
      y.col[o] = typename Y::col_t(carries ? cell_col[o] : 0);
      for (int c = 0; c < CONFIG::channel_parallel; ++c) {
        SP_HLS(UNROLL)
        y.feature[o * CONFIG::channels + first_channel + c] =
            carries ? POOL::template finish<typename Y::feature_t>(sum[c], members, CONFIG::pool_height * CONFIG::pool_width)
                    : typename Y::feature_t(0);
      }
    }
    first_channel += CONFIG::channel_parallel;
    if (first_channel == CONFIG::channels) {
      first_channel = 0;
      first_slot += CONFIG::pixel_parallel;
    }
  }
}

}  // namespace sp

#endif
