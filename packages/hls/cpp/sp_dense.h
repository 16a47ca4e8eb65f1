// A dense layer: the product with a constant matrix, for every row of x.
#ifndef SP_DENSE_H
#define SP_DENSE_H

#include "sp_matrix.h"

namespace sp {

// Strategy latency: with reuse_factor > 1 a new row enters every reuse_factor clocks, and at most multiplier_limit
// multipliers are built.
//
// CONFIG: rows, reuse_factor, multiplier_limit, and what product_latency needs.
template <class CONFIG, class X, class W, class B, class Y>
void dense_latency(const X x[CONFIG::rows * CONFIG::inputs], const W kernel[CONFIG::inputs * CONFIG::outputs],
                   const B bias[CONFIG::outputs], Y y[CONFIG::rows * CONFIG::outputs]) {
  SP_HLS(ARRAY_PARTITION variable=kernel complete)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    SP_HLS(PIPELINE II=CONFIG::reuse_factor)
    SP_HLS(ALLOCATION operation instances=mul limit=CONFIG::multiplier_limit)
    product_latency<CONFIG>(x + r * CONFIG::inputs, kernel, bias, y + r * CONFIG::outputs);
  }
}

// Strategy resource: every multiplier reads its own block of the kernel, one word per clock.
//
// CONFIG: rows, and what product_resource needs.
template <class CONFIG, class X, class W, class B, class Y>
void dense_resource(const X x[CONFIG::rows * CONFIG::inputs],
                    const W kernel[CONFIG::multipliers * CONFIG::reuse_factor], const B bias[CONFIG::outputs],
                    Y y[CONFIG::rows * CONFIG::outputs]) {
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=CONFIG::multipliers)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    product_resource<CONFIG>(x + r * CONFIG::inputs, kernel, bias, y + r * CONFIG::outputs);
  }
}

// Strategy distributed_arithmetic: additions and shifts only; CONFIG::product is written out, one line per adder.
//
// CONFIG: rows, inputs, outputs, product(x, y).
template <class CONFIG, class X, class Y>
void dense_distributed(const X x[CONFIG::rows * CONFIG::inputs], Y y[CONFIG::rows * CONFIG::outputs]) {
  SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    SP_HLS(PIPELINE II=1)
    CONFIG::product(x + r * CONFIG::inputs, y + r * CONFIG::outputs);
  }
}

}  // namespace sp

#endif
