// The same numbers in other packets.
#ifndef SP_LAYOUT_STREAM_H
#define SP_LAYOUT_STREAM_H

#include "sp_layout.h"
#include "sp_stream.h"

namespace sp {

// Several packets of each of COUNT.
template <int COUNT, class PY, class PX> void split_packets(stream<PX> &x, stream<PY> &y) {
  SP_LOOP(Packets)
  for (int i = 0; i < COUNT; ++i) {
    const PX p = x.read();
    SP_LOOP(Parts)
    for (int k = 0; k < PX::size / PY::size; ++k) {
      SP_HLS(PIPELINE II=1)
      PY q;
      for (int j = 0; j < PY::size; ++j) {
        SP_HLS(UNROLL)
        q.data[j] = typename PY::number_t(p.data[k * PY::size + j]);
      }
      y.write(q);
    }
  }
}

// Each of COUNT packets of several.
template <int COUNT, class PY, class PX> void merge_packets(stream<PX> &x, stream<PY> &y) {
  SP_LOOP(Packets)
  for (int i = 0; i < COUNT; ++i) {
    PY q;
    SP_LOOP(Parts)
    for (int k = 0; k < PY::size / PX::size; ++k) {
      SP_HLS(PIPELINE II=1)
      const PX p = x.read();
      for (int j = 0; j < PX::size; ++j) {
        SP_HLS(UNROLL)
        q.data[k * PX::size + j] = typename PY::number_t(p.data[j]);
      }
    }
    y.write(q);
  }
}

}  // namespace sp

#endif
