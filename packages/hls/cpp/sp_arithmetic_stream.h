// Arithmetic of two streams, or of a stream and a constant, packet by packet.
#ifndef SP_ARITHMETIC_STREAM_H
#define SP_ARITHMETIC_STREAM_H

#include "sp_arithmetic.h"
#include "sp_stream.h"

namespace sp {

// CONFIG: left(c), right(c): the operands' channels for channel c.
template <class CONFIG, class OP, int COUNT, class A, int A_SIZE, class B, int B_SIZE, class R, int SIZE>
void binary_packets(stream<packet<A, A_SIZE> > &a, stream<packet<B, B_SIZE> > &b, stream<packet<R, SIZE> > &y) {
  SP_LOOP(Packets)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    const packet<A, A_SIZE> p = a.read();
    const packet<B, B_SIZE> q = b.read();
    packet<R, SIZE> r;
    for (int c = 0; c < SIZE; ++c) {
      SP_HLS(UNROLL)
      r.data[c] = OP::template apply<CONFIG, R>(p.data[CONFIG::left(c)], q.data[CONFIG::right(c)]);
    }
    y.write(r);
  }
}

template <class CONFIG, class OP, class A, class B, class Y>
void binary_slots(stream<slot_packet<A> > &a, stream<slot_packet<B> > &b, stream<slot_packet<Y> > &y) {
  SP_LOOP(Slots)
  for (int s = 0; s < Y::slots; ++s) {
    SP_HLS(PIPELINE II=1)
    const slot_packet<A> p = a.read();
    const slot_packet<B> q = b.read();
    slot_packet<Y> r;
    r.valid = p.valid;
    r.row = p.row;
    r.col = p.col;
    for (int c = 0; c < Y::channels; ++c) {
      SP_HLS(UNROLL)
      r.feature[c] = OP::template apply<CONFIG, typename Y::feature_t>(p.feature[CONFIG::left(c)], q.feature[CONFIG::right(c)]);
    }
    y.write(r);
  }
}

// CONFIG: left(c), and right(j): the place of the constant for element j of the result.
template <class CONFIG, class OP, int COUNT, class A, int A_SIZE, class B, class R, int SIZE>
void packets_and_constant(stream<packet<A, A_SIZE> > &a, const B *b, stream<packet<R, SIZE> > &y) {
  SP_LOOP(Packets)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    const packet<A, A_SIZE> p = a.read();
    packet<R, SIZE> r;
    for (int c = 0; c < SIZE; ++c) {
      SP_HLS(UNROLL)
      r.data[c] = OP::template apply<CONFIG, R>(p.data[CONFIG::left(c)], b[CONFIG::right(i * SIZE + c)]);
    }
    y.write(r);
  }
}

// CONFIG: left(j), right(c).
template <class CONFIG, class OP, int COUNT, class A, class B, int B_SIZE, class R, int SIZE>
void constant_and_packets(const A *a, stream<packet<B, B_SIZE> > &b, stream<packet<R, SIZE> > &y) {
  SP_LOOP(Packets)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    const packet<B, B_SIZE> p = b.read();
    packet<R, SIZE> r;
    for (int c = 0; c < SIZE; ++c) {
      SP_HLS(UNROLL)
      r.data[c] = OP::template apply<CONFIG, R>(a[CONFIG::left(i * SIZE + c)], p.data[CONFIG::right(c)]);
    }
    y.write(r);
  }
}

}  // namespace sp

#endif
