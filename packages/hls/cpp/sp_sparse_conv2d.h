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
// CONFIG: kernel_height, kernel_width, channels, filters, pixel_parallel (divides slots), filter_parallel (divides filters),
// weight_t and bias_t: what the codes in kernel and bias stand for.
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
  int first_slot = 0, first_filter = 0;
  SP_LOOP(Groups)
  for (int g = 0; g < groups; ++g) {
    SP_HLS(PIPELINE II=1)
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
          const int centre = CONFIG::kernel_height / 2 * CONFIG::kernel_width + CONFIG::kernel_width / 2;
          const int tap = i == o ? centre : tap_row * CONFIG::kernel_width + tap_col;
          for (int c = 0; c < CONFIG::channels; ++c) {
            SP_HLS(UNROLL)
            for (int f = 0; f < CONFIG::filter_parallel; ++f) {
              SP_HLS(UNROLL)
              sum[f] += coded<typename CONFIG::weight_t>(kernel[(tap * CONFIG::channels + c) * CONFIG::filters + first_filter + f]) *
                        x.feature[i * CONFIG::channels + c];
            }
          }
        }
      }
      for (int f = 0; f < CONFIG::filter_parallel; ++f) {
        SP_HLS(UNROLL)
        if (sum[f] != sum_t(0)) sum[f] += coded<typename CONFIG::bias_t>(bias[first_filter + f]);
        y.feature[o * CONFIG::filters + first_filter + f] = sum[f];
      }
    }
    first_filter += CONFIG::filter_parallel;
    if (first_filter == CONFIG::filters) {
      first_filter = 0;
      first_slot += CONFIG::pixel_parallel;
    }
  }
}

namespace detail {

// Whether slot i can be tap t of slot o. In a list that comes straight from a reduction, valid slots stand in raster
// order without holes: taps above and to the left come from earlier slots, those in the same row from the nearest ones.
template <class CONFIG> constexpr bool can_be_tap(int o, int i, int t) {
  return !CONFIG::ordered
             ? true
             : t / CONFIG::kernel_width == CONFIG::kernel_height / 2
                   ? t % CONFIG::kernel_width < CONFIG::kernel_width / 2
                         ? i < o && o - i <= CONFIG::kernel_width / 2 - t % CONFIG::kernel_width
                         : i >= o && i - o <= t % CONFIG::kernel_width - CONFIG::kernel_width / 2
                   : t / CONFIG::kernel_width < CONFIG::kernel_height / 2 ? i < o : i > o;
}

}  // namespace detail

// Architecture "gather": the neighbours of a slot are brought to their places in a window, and the window goes through
// one constant product made of additions and shifts, CONFIG::product.
//
// CONFIG: kernel_height, kernel_width, channels, filters, pixel_parallel (divides slots), ordered, product(window, sums),
// bias_t.
template <class CONFIG, class X, class B, class Y>
void sparse_conv2d_gather(const X &x, const B bias[CONFIG::filters], Y &y) {
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  typedef typename X::feature_t feature_t;
  typedef typename Y::feature_t sum_t;
  typedef ap_uint<feature_t::width> bits_t;
  const int taps = CONFIG::kernel_height * CONFIG::kernel_width;

  copy_pixels(x, y);
  SP_LOOP(Groups)
  for (int first = 0; first < X::slots; first += CONFIG::pixel_parallel) {
    SP_HLS(PIPELINE II=1)
    for (int o = first; o < first + CONFIG::pixel_parallel; ++o) {
      SP_HLS(UNROLL)
      // At most one slot stands at a tap, so "or" puts together what the slots offer.
      bits_t bits[taps * CONFIG::channels];
      SP_HLS(ARRAY_PARTITION variable=bits complete)
      for (int j = 0; j < taps * CONFIG::channels; ++j) {
        SP_HLS(UNROLL)
        bits[j] = bits_t(0);
      }
      for (int i = 0; i < X::slots; ++i) {
        SP_HLS(UNROLL)
        const int tap_row = x.row[i].to_int() - x.row[o].to_int() + CONFIG::kernel_height / 2;
        const int tap_col = x.col[i].to_int() - x.col[o].to_int() + CONFIG::kernel_width / 2;
        const bool near = tap_row >= 0 && tap_row < CONFIG::kernel_height && tap_col >= 0 && tap_col < CONFIG::kernel_width;
        if (near && x.valid[i] && x.valid[o]) {
          for (int t = 0; t < taps; ++t) {
            SP_HLS(UNROLL)
            if (detail::can_be_tap<CONFIG>(o, i, t) && tap_row == t / CONFIG::kernel_width && tap_col == t % CONFIG::kernel_width) {
              for (int c = 0; c < CONFIG::channels; ++c) {
                SP_HLS(UNROLL)
                bits[t * CONFIG::channels + c] |= same_bits<bits_t>(x.feature[i * CONFIG::channels + c]);
              }
            }
          }
        }
      }
      feature_t window[taps * CONFIG::channels];
      sum_t sum[CONFIG::filters];
      SP_HLS(ARRAY_PARTITION variable=window complete)
      SP_HLS(ARRAY_PARTITION variable=sum complete)
      for (int j = 0; j < taps * CONFIG::channels; ++j) {
        SP_HLS(UNROLL)
        window[j] = same_bits<feature_t>(bits[j]);
      }
      CONFIG::product(window, sum);
      for (int f = 0; f < CONFIG::filters; ++f) {
        SP_HLS(UNROLL)
        if (sum[f] != sum_t(0)) sum[f] += coded<typename CONFIG::bias_t>(bias[f]);
        y.feature[o * CONFIG::filters + f] = sum[f];
      }
    }
  }
}

}  // namespace sp

#endif
