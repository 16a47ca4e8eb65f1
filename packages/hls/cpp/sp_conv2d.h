// Convolution of a dense image (as cross-correlation): every output pixel is the product of the window below it, laid out
// as a vector [row, column, channel], with a constant matrix. pixel_parallel output pixels are computed side by side.
#ifndef SP_CONV2D_H
#define SP_CONV2D_H

#include "sp_matrix.h"
#include "sp_pixels.h"

namespace sp {

namespace detail {

// The window of output pixel (out_row, out_col) in the channels of one group; zeros outside the image.
template <class CONFIG, class X>
void window(const X x[CONFIG::height * CONFIG::width * CONFIG::channels], int out_row, int out_col, int group,
            X patch[CONFIG::inputs]) {
  SP_HLS(INLINE)
  const int group_channels = CONFIG::channels / CONFIG::groups;
  for (int a = 0; a < CONFIG::kernel_height; ++a) {
    SP_HLS(UNROLL)
    const int row = out_row * CONFIG::stride_row + a * CONFIG::dilation_row - CONFIG::pad_top;
    for (int b = 0; b < CONFIG::kernel_width; ++b) {
      SP_HLS(UNROLL)
      const int col = out_col * CONFIG::stride_col + b * CONFIG::dilation_col - CONFIG::pad_left;
      const bool inside = row >= 0 && row < CONFIG::height && col >= 0 && col < CONFIG::width;
      for (int c = 0; c < group_channels; ++c) {
        SP_HLS(UNROLL)
        patch[(a * CONFIG::kernel_width + b) * group_channels + c] =
            inside ? x[(row * CONFIG::width + col) * CONFIG::channels + group * group_channels + c] : X(0);
      }
    }
  }
}

}  // namespace detail

// CONFIG: height, width, channels, groups, kernel_height, kernel_width, stride_*, dilation_*, pad_top, pad_left,
// out_height, out_width, pixel_parallel (divides the output pixels), inputs and outputs of one group's matrix,
// reuse_factor, multiplier_limit, weight_t, bias_t (of codes). kernel holds one matrix per group.
template <class CONFIG, class X, class W, class B, class Y>
void conv2d_latency(const X x[CONFIG::height * CONFIG::width * CONFIG::channels],
                    const W kernel[CONFIG::groups * CONFIG::inputs * CONFIG::outputs],
                    const B bias[CONFIG::groups * CONFIG::outputs],
                    Y y[CONFIG::out_height * CONFIG::out_width * CONFIG::groups * CONFIG::outputs]) {
  SP_HLS(ARRAY_PARTITION variable=kernel complete)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  int row[CONFIG::pixel_parallel], col[CONFIG::pixel_parallel];
  SP_HLS(ARRAY_PARTITION variable=row complete)
  SP_HLS(ARRAY_PARTITION variable=col complete)
  detail::first_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  SP_LOOP(Pixels)
  for (int first = 0; first < CONFIG::out_height * CONFIG::out_width; first += CONFIG::pixel_parallel) {
    SP_HLS(PIPELINE II=CONFIG::reuse_factor)
    SP_HLS(ALLOCATION operation instances=mul limit=CONFIG::multiplier_limit)
    for (int i = 0; i < CONFIG::pixel_parallel; ++i) {
      SP_HLS(UNROLL)
      for (int g = 0; g < CONFIG::groups; ++g) {
        SP_HLS(UNROLL)
        X patch[CONFIG::inputs];
        SP_HLS(ARRAY_PARTITION variable=patch complete)
        detail::window<CONFIG>(x, row[i], col[i], g, patch);
        product_latency<CONFIG>(patch, kernel + g * CONFIG::inputs * CONFIG::outputs, bias + g * CONFIG::outputs,
                                y + ((first + i) * CONFIG::groups + g) * CONFIG::outputs);
      }
    }
    detail::next_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  }
}

// Strategy distributed_arithmetic: additions and shifts only; CONFIG::product is written out, one line per adder. It takes
// the whole window, whatever the groups.
template <class CONFIG, class X, class Y>
void conv2d_distributed(const X x[CONFIG::height * CONFIG::width * CONFIG::channels],
                        Y y[CONFIG::out_height * CONFIG::out_width * CONFIG::outputs]) {
  int row[CONFIG::pixel_parallel], col[CONFIG::pixel_parallel];
  SP_HLS(ARRAY_PARTITION variable=row complete)
  SP_HLS(ARRAY_PARTITION variable=col complete)
  detail::first_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  SP_LOOP(Pixels)
  for (int first = 0; first < CONFIG::out_height * CONFIG::out_width; first += CONFIG::pixel_parallel) {
    SP_HLS(PIPELINE II=1)
    for (int i = 0; i < CONFIG::pixel_parallel; ++i) {
      SP_HLS(UNROLL)
      X patch[CONFIG::inputs];
      SP_HLS(ARRAY_PARTITION variable=patch complete)
      detail::window<CONFIG>(x, row[i], col[i], 0, patch);
      CONFIG::product(patch, y + (first + i) * CONFIG::outputs);
    }
    detail::next_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  }
}

// Strategy resource: every multiplier reads its own block of the kernel, one word per clock; kernel is [group,
// multiplier, reuse_factor], see product_resource.
template <class CONFIG, class X, class W, class B, class Y>
void conv2d_resource(const X x[CONFIG::height * CONFIG::width * CONFIG::channels],
                     const W kernel[CONFIG::groups * CONFIG::multipliers * CONFIG::reuse_factor],
                     const B bias[CONFIG::groups * CONFIG::outputs],
                     Y y[CONFIG::out_height * CONFIG::out_width * CONFIG::groups * CONFIG::outputs]) {
  const int blocks = CONFIG::groups * CONFIG::multipliers;
  (void)blocks;
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=blocks)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  int row[CONFIG::pixel_parallel], col[CONFIG::pixel_parallel];
  SP_HLS(ARRAY_PARTITION variable=row complete)
  SP_HLS(ARRAY_PARTITION variable=col complete)
  detail::first_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  SP_LOOP(Pixels)
  for (int first = 0; first < CONFIG::out_height * CONFIG::out_width; first += CONFIG::pixel_parallel) {
    X patch[CONFIG::pixel_parallel * CONFIG::groups][CONFIG::inputs];
    Y sum[CONFIG::pixel_parallel * CONFIG::groups][CONFIG::outputs];
    SP_HLS(ARRAY_PARTITION variable=patch complete dim=0)
    SP_HLS(ARRAY_PARTITION variable=sum complete dim=0)
    for (int i = 0; i < CONFIG::pixel_parallel * CONFIG::groups; ++i) {
      SP_HLS(UNROLL)
      detail::window<CONFIG>(x, row[i / CONFIG::groups], col[i / CONFIG::groups], i % CONFIG::groups, patch[i]);
      for (int u = 0; u < CONFIG::outputs; ++u) {
        SP_HLS(UNROLL)
        sum[i][u] = Y(coded<typename CONFIG::bias_t>(bias[i % CONFIG::groups * CONFIG::outputs + u]));
      }
    }
    int input = 0, output = 0;
    SP_LOOP(Reuse)
    for (int t = 0; t < CONFIG::reuse_factor; ++t) {
      SP_HLS(PIPELINE II=1)
      for (int i = 0; i < CONFIG::pixel_parallel * CONFIG::groups; ++i) {
        SP_HLS(UNROLL)
        for (int m = 0; m < CONFIG::multipliers; ++m) {
          SP_HLS(UNROLL)
          const detail::operand at =
              detail::operand_of<CONFIG>(CONFIG::multiplier(m) * CONFIG::reuse_factor, t, input, output);
          const int block = i % CONFIG::groups * CONFIG::multipliers + m;
          sum[i][at.output] +=
              coded<typename CONFIG::weight_t>(kernel[block * CONFIG::reuse_factor + t]) * patch[i][at.input];
        }
      }
      detail::next_operand<CONFIG>(input, output);
    }
    for (int i = 0; i < CONFIG::pixel_parallel * CONFIG::groups; ++i) {
      SP_HLS(UNROLL)
      for (int u = 0; u < CONFIG::outputs; ++u) {
        SP_HLS(UNROLL)
        y[(first * CONFIG::groups + i) * CONFIG::outputs + u] = sum[i][u];
      }
    }
    detail::next_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  }
}

}  // namespace sp

#endif
