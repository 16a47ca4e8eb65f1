// Pooling of a dense image over windows; padding takes no part.
#ifndef SP_POOL2D_H
#define SP_POOL2D_H

#include "sp_join.h"
#include "sp_pixels.h"

namespace sp {

// CONFIG: height, width, channels, pool_height, pool_width, stride_row, stride_col, pad_top, pad_left, out_height,
// out_width, pixel_parallel (divides the output pixels), sum_t, join(sum, x, first): the sum or maximum so far with one
// more number; finish(sum, window): the result.
template <class CONFIG, class X, class Y>
void pool2d(const X x[CONFIG::height * CONFIG::width * CONFIG::channels],
            Y y[CONFIG::out_height * CONFIG::out_width * CONFIG::channels]) {
  typedef typename CONFIG::sum_t sum_t;
  int row[CONFIG::pixel_parallel], col[CONFIG::pixel_parallel];
  SP_HLS(ARRAY_PARTITION variable=row complete)
  SP_HLS(ARRAY_PARTITION variable=col complete)
  detail::first_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  SP_LOOP(Pixels)
  for (int first = 0; first < CONFIG::out_height * CONFIG::out_width; first += CONFIG::pixel_parallel) {
    SP_HLS(PIPELINE II=1)
    for (int i = 0; i < CONFIG::pixel_parallel; ++i) {
      SP_HLS(UNROLL)
      const int p = first + i;
      const int top = row[i] * CONFIG::stride_row - CONFIG::pad_top;
      const int left = col[i] * CONFIG::stride_col - CONFIG::pad_left;
      for (int c = 0; c < CONFIG::channels; ++c) {
        SP_HLS(UNROLL)
        sum_t sum = sum_t(0);
        bool any = false;
        for (int a = 0; a < CONFIG::pool_height; ++a) {
          SP_HLS(UNROLL)
          for (int b = 0; b < CONFIG::pool_width; ++b) {
            SP_HLS(UNROLL)
            const int r = top + a, k = left + b;
            if (r >= 0 && r < CONFIG::height && k >= 0 && k < CONFIG::width) {
              sum = CONFIG::join(sum, x[(r * CONFIG::width + k) * CONFIG::channels + c], !any);
              any = true;
            }
          }
        }
        y[p * CONFIG::channels + c] = CONFIG::template finish<Y>(sum, p);
      }
    }
    detail::next_pixels<CONFIG::out_width, CONFIG::pixel_parallel>(row, col);
  }
}

}  // namespace sp

#endif
