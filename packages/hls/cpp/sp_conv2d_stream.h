// Convolution and pooling of an image that arrives pixel by pixel: a line buffer keeps the rows that windows need.
#ifndef SP_CONV2D_STREAM_H
#define SP_CONV2D_STREAM_H

#include "sp_conv2d.h"
#include "sp_pool2d.h"
#include "sp_stream.h"

namespace sp {

namespace detail {

// Where the window stands: the output pixel that it belongs to, and how far it is from there.
struct window_place {
  int row, col, row_phase, col_phase;
};

inline window_place first_place() {
  SP_HLS(INLINE)
  window_place at;
  at.row = 0;
  at.col = 0;
  at.row_phase = 0;
  at.col_phase = 0;
  return at;
}

// Takes the pixel at (r, c) of the padded image into the buffer. True when that completes the window of an output pixel,
// (out_row, out_col). Counting along needs no division by the strides.
template <class CONFIG, class P>
bool advance(stream<P> &x, line_buffer<CONFIG, P> &buffer, int r, int c, window_place &at, int &out_row, int &out_col) {
  SP_HLS(INLINE)
  P pixel;
  for (int j = 0; j < P::size; ++j) {
    SP_HLS(UNROLL)
    pixel.data[j] = typename P::number_t(0);
  }
  const int row = r - CONFIG::pad_top, col = c - CONFIG::pad_left;
  if (row >= 0 && row < CONFIG::height && col >= 0 && col < CONFIG::width) pixel = x.read();
  buffer.push(pixel, c);
  const bool below = r >= CONFIG::window_height - 1, inside = c >= CONFIG::window_width - 1;
  const bool whole = below && inside && at.row_phase == 0 && at.col_phase == 0 && at.row < CONFIG::out_height &&
                     at.col < CONFIG::out_width;
  out_row = at.row;
  out_col = at.col;
  if (inside) {
    ++at.col_phase;
    if (at.col_phase == CONFIG::stride_col) {
      at.col_phase = 0;
      ++at.col;
    }
  }
  if (c == CONFIG::width + CONFIG::pad_left + CONFIG::pad_right - 1) {
    at.col = 0;
    at.col_phase = 0;
    if (below) {
      ++at.row_phase;
      if (at.row_phase == CONFIG::stride_row) {
        at.row_phase = 0;
        ++at.row;
      }
    }
  }
  return whole;
}

// The window in the buffer as the vectors that the matrices take.
template <class CONFIG, class P, class X>
void window_of(const line_buffer<CONFIG, P> &buffer, int group, X patch[CONFIG::inputs]) {
  SP_HLS(INLINE)
  const int group_channels = CONFIG::channels / CONFIG::groups;
  for (int a = 0; a < CONFIG::kernel_height; ++a) {
    SP_HLS(UNROLL)
    for (int b = 0; b < CONFIG::kernel_width; ++b) {
      SP_HLS(UNROLL)
      for (int c = 0; c < group_channels; ++c) {
        SP_HLS(UNROLL)
        patch[(a * CONFIG::kernel_width + b) * group_channels + c] =
            buffer.window[a * CONFIG::dilation_row][b * CONFIG::dilation_col].data[group * group_channels + c];
      }
    }
  }
}

template <class CONFIG> struct padded {
  static const int height = CONFIG::height + CONFIG::pad_top + CONFIG::pad_bottom;
  static const int width = CONFIG::width + CONFIG::pad_left + CONFIG::pad_right;
};

}  // namespace detail

// CONFIG: as for conv2d, and pad_bottom, pad_right, window_height, window_width (kernel with dilation).

// Strategy latency: a pixel every reuse_factor clocks.
template <class CONFIG, class PX, class W, class B, class PY>
void conv2d_latency_stream(stream<PX> &x, const W kernel[CONFIG::groups * CONFIG::inputs * CONFIG::outputs],
                           const B bias[CONFIG::groups * CONFIG::outputs], stream<PY> &y) {
  SP_HLS(ARRAY_PARTITION variable=kernel complete)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  SP_LINE_BUFFER(CONFIG, PX, buffer)
  detail::window_place at = detail::first_place();
  int out_row = 0, out_col = 0;
  SP_LOOP(Rows)
  for (int r = 0; r < detail::padded<CONFIG>::height; ++r) {
    SP_LOOP(Cols)
    for (int c = 0; c < detail::padded<CONFIG>::width; ++c) {
      SP_HLS(PIPELINE II=CONFIG::reuse_factor)
      SP_HLS(ALLOCATION operation instances=mul limit=CONFIG::multiplier_limit)
      if (detail::advance<CONFIG>(x, buffer, r, c, at, out_row, out_col)) {
        PY pixel;
        for (int g = 0; g < CONFIG::groups; ++g) {
          SP_HLS(UNROLL)
          typename PX::number_t patch[CONFIG::inputs];
          SP_HLS(ARRAY_PARTITION variable=patch complete)
          detail::window_of<CONFIG>(buffer, g, patch);
          product_latency<CONFIG>(patch, kernel + g * CONFIG::inputs * CONFIG::outputs, bias + g * CONFIG::outputs,
                                  pixel.data + g * CONFIG::outputs);
        }
        y.write(pixel);
      }
    }
  }
}

// Strategy resource: the products of a window take reuse_factor clocks, group after group.
template <class CONFIG, class PX, class W, class B, class PY>
void conv2d_resource_stream(stream<PX> &x,
                            const W kernel[CONFIG::groups * CONFIG::multipliers * CONFIG::reuse_factor],
                            const B bias[CONFIG::groups * CONFIG::outputs], stream<PY> &y) {
  const int blocks = CONFIG::groups * CONFIG::multipliers;
  (void)blocks;
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=blocks)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  SP_LINE_BUFFER(CONFIG, PX, buffer)
  detail::window_place at = detail::first_place();
  int out_row = 0, out_col = 0;
  SP_LOOP(Rows)
  for (int r = 0; r < detail::padded<CONFIG>::height; ++r) {
    SP_LOOP(Cols)
    for (int c = 0; c < detail::padded<CONFIG>::width; ++c) {
      if (detail::advance<CONFIG>(x, buffer, r, c, at, out_row, out_col)) {
        PY pixel;
        SP_LOOP(Matrices)
        for (int g = 0; g < CONFIG::groups; ++g) {
          typename PX::number_t patch[CONFIG::inputs];
          SP_HLS(ARRAY_PARTITION variable=patch complete)
          detail::window_of<CONFIG>(buffer, g, patch);
          product_resource<CONFIG>(patch, kernel + g * CONFIG::multipliers * CONFIG::reuse_factor,
                                   bias + g * CONFIG::outputs, pixel.data + g * CONFIG::outputs);
        }
        y.write(pixel);
      }
    }
  }
}

// Strategy distributed_arithmetic: CONFIG::product is written out.
template <class CONFIG, class PX, class PY> void conv2d_distributed_stream(stream<PX> &x, stream<PY> &y) {
  SP_LINE_BUFFER(CONFIG, PX, buffer)
  detail::window_place at = detail::first_place();
  int out_row = 0, out_col = 0;
  SP_LOOP(Rows)
  for (int r = 0; r < detail::padded<CONFIG>::height; ++r) {
    SP_LOOP(Cols)
    for (int c = 0; c < detail::padded<CONFIG>::width; ++c) {
      SP_HLS(PIPELINE II=1)
      if (detail::advance<CONFIG>(x, buffer, r, c, at, out_row, out_col)) {
        PY pixel;
        typename PX::number_t patch[CONFIG::inputs];
        SP_HLS(ARRAY_PARTITION variable=patch complete)
        detail::window_of<CONFIG>(buffer, 0, patch);
        CONFIG::product(patch, pixel.data);
        y.write(pixel);
      }
    }
  }
}

// CONFIG: as for pool2d, and pad_bottom, pad_right, window_height, window_width (those of the pool).
template <class CONFIG, class PX, class PY> void pool2d_stream(stream<PX> &x, stream<PY> &y) {
  typedef typename CONFIG::sum_t sum_t;
  SP_LINE_BUFFER(CONFIG, PX, buffer)
  detail::window_place at = detail::first_place();
  int out_row = 0, out_col = 0;
  SP_LOOP(Rows)
  for (int r = 0; r < detail::padded<CONFIG>::height; ++r) {
    SP_LOOP(Cols)
    for (int c = 0; c < detail::padded<CONFIG>::width; ++c) {
      SP_HLS(PIPELINE II=1)
      if (detail::advance<CONFIG>(x, buffer, r, c, at, out_row, out_col)) {
        // Top left corner of the window, in the image without padding.
        const int top = r - (CONFIG::window_height - 1) - CONFIG::pad_top;
        const int left = c - (CONFIG::window_width - 1) - CONFIG::pad_left;
        PY pixel;
        for (int j = 0; j < CONFIG::channels; ++j) {
          SP_HLS(UNROLL)
          sum_t sum = sum_t(0);
          bool any = false;
          for (int a = 0; a < CONFIG::pool_height; ++a) {
            SP_HLS(UNROLL)
            for (int b = 0; b < CONFIG::pool_width; ++b) {
              SP_HLS(UNROLL)
              if (top + a >= 0 && top + a < CONFIG::height && left + b >= 0 && left + b < CONFIG::width) {
                sum = CONFIG::join(sum, buffer.window[a][b].data[j], !any);
                any = true;
              }
            }
          }
          pixel.data[j] = CONFIG::template finish<typename PY::number_t>(sum, out_row * CONFIG::out_width + out_col);
        }
        y.write(pixel);
      }
    }
  }
}

}  // namespace sp

#endif
