// Sparse list -> dense tensor [height * width * channels]: every pixel looks for its slot.
#ifndef SP_SPARSE_FLATTEN_H
#define SP_SPARSE_FLATTEN_H

#include "sp_list.h"

namespace sp {

// CONFIG: height, width, channels, pixel_parallel (divides height * width).
template <class CONFIG, class X, class T>
void sparse_flatten(const X &x, T y[CONFIG::height * CONFIG::width * CONFIG::channels]) {
  int position[X::slots];
  SP_HLS(ARRAY_PARTITION variable=position complete)
  for (int s = 0; s < X::slots; ++s) {
    SP_HLS(UNROLL)
    position[s] = x.row[s].to_int() * CONFIG::width + x.col[s].to_int();
  }
  SP_LOOP(Groups)
  for (int g = 0; g < CONFIG::height * CONFIG::width / CONFIG::pixel_parallel; ++g) {
    SP_HLS(PIPELINE II=1)
    for (int p = 0; p < CONFIG::pixel_parallel; ++p) {
      SP_HLS(UNROLL)
      const int pixel = g * CONFIG::pixel_parallel + p;
      T found[CONFIG::channels];
      SP_HLS(ARRAY_PARTITION variable=found complete)
      for (int c = 0; c < CONFIG::channels; ++c) {
        SP_HLS(UNROLL)
        found[c] = T(0);
      }
      for (int s = 0; s < X::slots; ++s) {
        SP_HLS(UNROLL)
        if (x.valid[s] && position[s] == pixel) {
          for (int c = 0; c < CONFIG::channels; ++c) {
            SP_HLS(UNROLL)
            found[c] = T(x.feature[s * CONFIG::channels + c]);
          }
        }
      }
      for (int c = 0; c < CONFIG::channels; ++c) {
        SP_HLS(UNROLL)
        y[pixel * CONFIG::channels + c] = found[c];
      }
    }
  }
}

}  // namespace sp

#endif
