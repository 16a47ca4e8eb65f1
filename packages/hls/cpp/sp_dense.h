// y[r, u] = sum over j of x[r, j] * kernel[j, u] + bias[u], for every row r of x. The sum is exact: y's type holds it.
#ifndef SP_DENSE_H
#define SP_DENSE_H

#include "sp_types.h"

namespace sp {

// Strategy latency: all products in parallel; with reuse_factor > 1 a new row enters every reuse_factor clocks and
// at most multiplier_limit multipliers are built.
//
// CONFIG: rows, inputs, outputs, reuse_factor, multiplier_limit. kernel is [inputs, outputs].
template <class CONFIG, class X, class W, class B, class Y>
void dense_latency(const X x[CONFIG::rows * CONFIG::inputs], const W kernel[CONFIG::inputs * CONFIG::outputs],
                   const B bias[CONFIG::outputs], Y y[CONFIG::rows * CONFIG::outputs]) {
  SP_HLS(ARRAY_PARTITION variable=kernel complete)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    SP_HLS(PIPELINE II=CONFIG::reuse_factor)
    SP_HLS(ALLOCATION operation instances=mul limit=CONFIG::multiplier_limit)
    Y sum[CONFIG::outputs];
    SP_HLS(ARRAY_PARTITION variable=sum complete)
    for (int u = 0; u < CONFIG::outputs; ++u) {
      SP_HLS(UNROLL)
      sum[u] = Y(bias[u]);
    }
    for (int j = 0; j < CONFIG::inputs; ++j) {
      SP_HLS(UNROLL)
      for (int u = 0; u < CONFIG::outputs; ++u) {
        SP_HLS(UNROLL)
        sum[u] += kernel[j * CONFIG::outputs + u] * x[r * CONFIG::inputs + j];
      }
    }
    for (int u = 0; u < CONFIG::outputs; ++u) {
      SP_HLS(UNROLL)
      y[r * CONFIG::outputs + u] = sum[u];
    }
  }
}

// Strategy resource: inputs * outputs / reuse_factor multipliers, each used reuse_factor times, one product per clock.
//
// CONFIG: rows, inputs, outputs, reuse_factor (divides inputs * outputs). kernel is [outputs, inputs]: multiplier m
// does the products m * reuse_factor ... (m + 1) * reuse_factor - 1 of that order.
template <class CONFIG, class X, class W, class B, class Y>
void dense_resource(const X x[CONFIG::rows * CONFIG::inputs], const W kernel[CONFIG::inputs * CONFIG::outputs],
                    const B bias[CONFIG::outputs], Y y[CONFIG::rows * CONFIG::outputs]) {
  const int multipliers = CONFIG::inputs * CONFIG::outputs / CONFIG::reuse_factor;
  // Each multiplier reads its own block, one word per clock.
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=multipliers)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    Y sum[CONFIG::outputs];
    SP_HLS(ARRAY_PARTITION variable=sum complete)
    for (int u = 0; u < CONFIG::outputs; ++u) {
      SP_HLS(UNROLL)
      sum[u] = Y(bias[u]);
    }
  SP_LOOP(Reuse)
    for (int t = 0; t < CONFIG::reuse_factor; ++t) {
      SP_HLS(PIPELINE II=1)
      for (int m = 0; m < multipliers; ++m) {
        SP_HLS(UNROLL)
        const int product = m * CONFIG::reuse_factor + t;
        sum[product / CONFIG::inputs] += kernel[product] * x[r * CONFIG::inputs + product % CONFIG::inputs];
      }
    }
    for (int u = 0; u < CONFIG::outputs; ++u) {
      SP_HLS(UNROLL)
      y[r * CONFIG::outputs + u] = sum[u];
    }
  }
}

}  // namespace sp

#endif
