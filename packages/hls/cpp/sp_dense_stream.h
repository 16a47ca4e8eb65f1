// Dense layers whose input arrives packet by packet: a row in each, or a part of the only row.
#ifndef SP_DENSE_STREAM_H
#define SP_DENSE_STREAM_H

#include "sp_dense.h"
#include "sp_stream.h"

namespace sp {

// CONFIG: as for dense; a packet holds a row.

template <class CONFIG, class PX, class W, class B, class PY>
void dense_latency_stream(stream<PX> &x, const W kernel[CONFIG::inputs * CONFIG::outputs],
                          const B bias[CONFIG::outputs], stream<PY> &y) {
  SP_HLS(ARRAY_PARTITION variable=kernel complete)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    SP_HLS(PIPELINE II=CONFIG::reuse_factor)
    SP_HLS(ALLOCATION operation instances=mul limit=CONFIG::multiplier_limit)
    const PX p = x.read();
    PY q;
    product_latency<CONFIG>(p.data, kernel, bias, q.data);
    y.write(q);
  }
}

template <class CONFIG, class PX, class W, class B, class PY>
void dense_resource_stream(stream<PX> &x, const W kernel[CONFIG::multipliers * CONFIG::reuse_factor],
                           const B bias[CONFIG::outputs], stream<PY> &y) {
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=CONFIG::multipliers)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    const PX p = x.read();
    PY q;
    product_resource<CONFIG>(p.data, kernel, bias, q.data);
    y.write(q);
  }
}

template <class CONFIG, class PX, class PY> void dense_distributed_stream(stream<PX> &x, stream<PY> &y) {
  SP_LOOP(Rows)
  for (int r = 0; r < CONFIG::rows; ++r) {
    SP_HLS(PIPELINE II=1)
    const PX p = x.read();
    PY q;
    CONFIG::product(p.data, q.data);
    y.write(q);
  }
}

// One row that comes in CONFIG::packets packets: the products of each are added up while the next arrives. Every multiplier
// reads its own block of the kernel, [multipliers, packets, reuse_factor].
//
// CONFIG: as for product_resource, of the part of the matrix that belongs to one packet; packets.

namespace detail {

template <class CONFIG, class PX, class W, class Y>
void add_products(const PX &p, const W *kernel, int packet, int t, int input, int output, Y sum[CONFIG::outputs]) {
  SP_HLS(INLINE)
  for (int m = 0; m < CONFIG::multipliers; ++m) {
    SP_HLS(UNROLL)
    const operand at = operand_of<CONFIG>(m * CONFIG::reuse_factor, t, input, output);
    const int place = (m * CONFIG::packets + packet) * CONFIG::reuse_factor + t;
    sum[at.output] += coded<typename CONFIG::weight_t>(kernel[place]) * p.data[at.input];
  }
}

template <class CONFIG, class B, class Y> void start_sums(const B bias[CONFIG::outputs], Y sum[CONFIG::outputs]) {
  SP_HLS(INLINE)
  for (int u = 0; u < CONFIG::outputs; ++u) {
    SP_HLS(UNROLL)
    sum[u] = Y(coded<typename CONFIG::bias_t>(bias[u]));
  }
}

template <class CONFIG, class PY, class Y> void write_sums(const Y sum[CONFIG::outputs], stream<PY> &y) {
  SP_HLS(INLINE)
  PY q;
  for (int u = 0; u < CONFIG::outputs; ++u) {
    SP_HLS(UNROLL)
    q.data[u] = sum[u];
  }
  y.write(q);
}

}  // namespace detail

// A packet per clock; reuse_factor is 1.
template <class CONFIG, class PX, class W, class B, class PY>
void dense_summed_stream(stream<PX> &x, const W kernel[CONFIG::multipliers * CONFIG::packets],
                         const B bias[CONFIG::outputs], stream<PY> &y) {
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=CONFIG::multipliers)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  typename PY::number_t sum[CONFIG::outputs];
  SP_HLS(ARRAY_PARTITION variable=sum complete)
  detail::start_sums<CONFIG>(bias, sum);
  SP_LOOP(Packets)
  for (int i = 0; i < CONFIG::packets; ++i) {
    SP_HLS(PIPELINE II=1)
    const PX p = x.read();
    detail::add_products<CONFIG>(p, kernel, i, 0, 0, 0, sum);
  }
  detail::write_sums<CONFIG>(sum, y);
}

// reuse_factor clocks for every packet.
template <class CONFIG, class PX, class W, class B, class PY>
void dense_summed_reused_stream(stream<PX> &x,
                                const W kernel[CONFIG::multipliers * CONFIG::packets * CONFIG::reuse_factor],
                                const B bias[CONFIG::outputs], stream<PY> &y) {
  SP_HLS(ARRAY_PARTITION variable=kernel block factor=CONFIG::multipliers)
  SP_HLS(ARRAY_PARTITION variable=bias complete)
  typename PY::number_t sum[CONFIG::outputs];
  SP_HLS(ARRAY_PARTITION variable=sum complete)
  detail::start_sums<CONFIG>(bias, sum);
  SP_LOOP(Packets)
  for (int i = 0; i < CONFIG::packets; ++i) {
    const PX p = x.read();
    int input = 0, output = 0;
    SP_LOOP(Reuse)
    for (int t = 0; t < CONFIG::reuse_factor; ++t) {
      SP_HLS(PIPELINE II=1)
      detail::add_products<CONFIG>(p, kernel, i, t, input, output, sum);
      detail::next_operand<CONFIG>(input, output);
    }
  }
  detail::write_sums<CONFIG>(sum, y);
}

}  // namespace sp

#endif
