// Convolution of a sparse list with its own active set: stride 1, odd kernel, zero outside, as cross-correlation
//   y[o, f] = sum over slots i and channels c of kernel[Δ + R, c, f] * x[i, c],   Δ = pixel(i) - pixel(o), |Δ| <= R.
// bias[f] is added where that sum is not 0. The sum is exact: y's type holds it.
#ifndef SP_SPARSE_CONV2D_H
#define SP_SPARSE_CONV2D_H

#include "sp_list.h"

namespace sp {

// Architecture "pairs": every slot looks at every slot, and the offset between them selects the weight.
// pixel_parallel slots times filter_parallel filters are computed in one clock; groups of them follow one another.
//
// CONFIG: kernel_height, kernel_width, channels, filters, pixel_parallel (divides slots), filter_parallel (divides filters).
template <class CONFIG, class X, class W, class B, class Y>
void sparse_conv2d_pairs(const X &x,
                         const W kernel[CONFIG::kernel_height * CONFIG::kernel_width * CONFIG::channels * CONFIG::filters],
                         const B bias[CONFIG::filters], Y &y) {
  SP_HLS(ARRAY_PARTITION variable=kernel complete)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  typedef typename Y::feature_t sum_t;
  const int filter_groups = CONFIG::filters / CONFIG::filter_parallel;
  const int groups = X::slots / CONFIG::pixel_parallel * filter_groups;

  copy_pixels(x, y);
  SP_LOOP(Groups)
  for (int g = 0; g < groups; ++g) {
    SP_HLS(PIPELINE II=1)
    const int first_slot = g / filter_groups * CONFIG::pixel_parallel;
    const int first_filter = g % filter_groups * CONFIG::filter_parallel;
    for (int p = 0; p < CONFIG::pixel_parallel; ++p) {
      SP_HLS(UNROLL)
      const int o = first_slot + p;
      sum_t sum[CONFIG::filter_parallel];
      SP_HLS(ARRAY_PARTITION variable=sum complete)
      for (int f = 0; f < CONFIG::filter_parallel; ++f) {
        SP_HLS(UNROLL)
        sum[f] = sum_t(0);
      }
      for (int i = 0; i < X::slots; ++i) {
        SP_HLS(UNROLL)
        const int tap_row = x.row[i].to_int() - x.row[o].to_int() + CONFIG::kernel_height / 2;
        const int tap_col = x.col[i].to_int() - x.col[o].to_int() + CONFIG::kernel_width / 2;
        const bool near = tap_row >= 0 && tap_row < CONFIG::kernel_height && tap_col >= 0 && tap_col < CONFIG::kernel_width;
        if (near && x.valid[i] && x.valid[o]) {
          const int tap = tap_row * CONFIG::kernel_width + tap_col;
          for (int c = 0; c < CONFIG::channels; ++c) {
            SP_HLS(UNROLL)
            for (int f = 0; f < CONFIG::filter_parallel; ++f) {
              SP_HLS(UNROLL)
              sum[f] += kernel[(tap * CONFIG::channels + c) * CONFIG::filters + first_filter + f] *
                        x.feature[i * CONFIG::channels + c];
            }
          }
        }
      }
      for (int f = 0; f < CONFIG::filter_parallel; ++f) {
        SP_HLS(UNROLL)
        if (sum[f] != sum_t(0)) sum[f] += bias[first_filter + f];
        y.feature[o * CONFIG::filters + first_filter + f] = sum[f];
      }
    }
  }
}

}  // namespace sp

#endif
