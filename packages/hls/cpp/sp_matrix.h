// The product of one vector with a constant matrix, shared by dense layers and convolutions:
//   y[u] = sum over j of x[j] * kernel[j, u] + bias[u].  The sum is exact: y's type holds it.
#ifndef SP_MATRIX_H
#define SP_MATRIX_H

#include "sp_types.h"

namespace sp {

// Strategy latency: all products in one clock, or shared by the tool when the caller's pipeline has a longer interval.
//
// CONFIG: inputs, outputs, weight_t and bias_t: what the codes in kernel and bias stand for. kernel is [inputs, outputs].
template <class CONFIG, class X, class W, class B, class Y>
void product_latency(const X x[CONFIG::inputs], const W kernel[CONFIG::inputs * CONFIG::outputs],
                     const B bias[CONFIG::outputs], Y y[CONFIG::outputs]) {
  SP_HLS(INLINE)
  Y sum[CONFIG::outputs];
  SP_HLS(ARRAY_PARTITION variable=sum complete)
  for (int u = 0; u < CONFIG::outputs; ++u) {
    SP_HLS(UNROLL)
    sum[u] = Y(coded<typename CONFIG::bias_t>(bias[u]));
  }
  for (int j = 0; j < CONFIG::inputs; ++j) {
    SP_HLS(UNROLL)
    for (int u = 0; u < CONFIG::outputs; ++u) {
      SP_HLS(UNROLL)
      sum[u] += coded<typename CONFIG::weight_t>(kernel[j * CONFIG::outputs + u]) * x[j];
    }
  }
  for (int u = 0; u < CONFIG::outputs; ++u) {
    SP_HLS(UNROLL)
    y[u] = sum[u];
  }
}

namespace detail {

struct operand {
  int input, output;
};

// Step t of the multiplier whose products start at number `first`. Its products lie in one output, or are whole outputs:
// then (input, output) count with t. Either way nothing that changes is divided.
template <class CONFIG> operand operand_of(int first, int t, int input, int output) {
  SP_HLS(INLINE)
  operand at;
  at.input = CONFIG::reuse_factor < CONFIG::inputs ? first % CONFIG::inputs + t : input;
  at.output = first / CONFIG::inputs + (CONFIG::reuse_factor < CONFIG::inputs ? 0 : output);
  return at;
}

template <class CONFIG> void next_operand(int &input, int &output) {
  SP_HLS(INLINE)
  ++input;
  if (input == CONFIG::inputs) {
    input = 0;
    ++output;
  }
}

}  // namespace detail

// Strategy resource: each multiplier is used reuse_factor times, one product per clock. In the order [output, input],
// multiplier CONFIG::multiplier(m) does the products that start at reuse_factor times its number; multipliers whose
// weights are all 0 may be left out. kernel is [multipliers, reuse_factor].
//
// CONFIG: inputs, outputs, reuse_factor (divides inputs, or is a multiple of it and divides inputs * outputs), multipliers, multiplier(m), weight_t,
// bias_t.
template <class CONFIG, class X, class W, class B, class Y>
void product_resource(const X x[CONFIG::inputs], const W kernel[CONFIG::multipliers * CONFIG::reuse_factor],
                      const B bias[CONFIG::outputs], Y y[CONFIG::outputs]) {
  SP_HLS(INLINE)
  Y sum[CONFIG::outputs];
  SP_HLS(ARRAY_PARTITION variable=sum complete)
  for (int u = 0; u < CONFIG::outputs; ++u) {
    SP_HLS(UNROLL)
    sum[u] = Y(coded<typename CONFIG::bias_t>(bias[u]));
  }
  int input = 0, output = 0;
  SP_LOOP(Reuse)
  for (int t = 0; t < CONFIG::reuse_factor; ++t) {
    SP_HLS(PIPELINE II=1)
    for (int m = 0; m < CONFIG::multipliers; ++m) {
      SP_HLS(UNROLL)
      const detail::operand at = detail::operand_of<CONFIG>(CONFIG::multiplier(m) * CONFIG::reuse_factor, t, input, output);
      sum[at.output] += coded<typename CONFIG::weight_t>(kernel[m * CONFIG::reuse_factor + t]) * x[at.input];
    }
    detail::next_operand<CONFIG>(input, output);
  }
  for (int u = 0; u < CONFIG::outputs; ++u) {
    SP_HLS(UNROLL)
    y[u] = sum[u];
  }
}

}  // namespace sp

#endif
