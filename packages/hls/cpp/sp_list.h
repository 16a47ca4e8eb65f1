// A sparse feature map: SLOTS entries standing for an image of CHANNELS features per pixel.
//
//   slot       0      1      2     ...
//   valid      1      1      0           is there a pixel? Its features may all be 0 and it still counts.
//   row, col  (3,7)  (5,2)  (0,0)        where
//   feature   [C]    [C]    [C]          what; feature[slot * CHANNELS + channel]
//
// An invalid slot is zero in every field. No two valid slots share a pixel.
#ifndef SP_LIST_H
#define SP_LIST_H

#include "sp_types.h"

namespace sp {

template <int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS> struct sparse_list {
  static const int slots = SLOTS;
  static const int channels = CHANNELS;
  typedef T feature_t;
  typedef ap_uint<ROW_BITS> row_t;
  typedef ap_uint<COL_BITS> col_t;

  bool valid[SLOTS];
  row_t row[SLOTS];
  col_t col[SLOTS];
  T feature[SLOTS * CHANNELS];
};

// Coordinates and valid bits pass through unchanged.
template <class X, class Y> void copy_pixels(const X &x, Y &y) {
  SP_HLS(INLINE)
  for (int s = 0; s < X::slots; ++s) {
    SP_HLS(UNROLL)
    y.valid[s] = x.valid[s];
    y.row[s] = x.row[s];
    y.col[s] = x.col[s];
  }
}

}  // namespace sp

#endif
