// Values as AXI transfers ("beats") of SP_AXI_BYTES bytes: for wrappers whose ports are AXI4-Stream or memory.
//
// A frame is one value: its numbers in boxes of BOX bytes (1, 2, 4, 8, ...), signed and little-endian, one after the other from
// the lowest byte of the first beat on. TLAST marks the last beat of a frame; bytes behind the last number have TKEEP 0. Where
// BOX exceeds a beat, a number takes several.
//
// A frame that comes in may be of the wrong length: what is missing, or has TKEEP 0, counts as 0, what is too much is dropped,
// and the next frame is not affected.
#ifndef SP_AXI_H
#define SP_AXI_H

#include "sp_stream.h"

#ifndef SP_AXI_BYTES
#define SP_AXI_BYTES 8
#endif

#if SP_AP_TYPES
#include "ap_axi_sdata.h"
#endif

namespace sp {
namespace axi {

// A beat inside of the firmware.
template <int BYTES> struct plain_beat {
  static const int bytes = BYTES;
  ap_uint<8 * BYTES> data;
  ap_uint<BYTES> keep;
  ap_uint<1> last;
};
template <int BYTES> void add_signals(plain_beat<BYTES> &) { SP_HLS(INLINE) }

typedef plain_beat<SP_AXI_BYTES> beat;
typedef ap_uint<8 * SP_AXI_BYTES> memory_word;

// A beat of an AXI4-Stream port.
#if SP_AP_TYPES
#if defined(__VIVADO_HLS__) || defined(SP_VIVADO_HLS)
typedef ap_axiu<8 * SP_AXI_BYTES, 1, 1, 1> port_beat;
#else
typedef ap_axiu<8 * SP_AXI_BYTES, 0, 0, 0> port_beat;
#endif
inline void add_signals(port_beat &b) {
  SP_HLS(INLINE)
  b.strb = b.keep;
#if defined(__VIVADO_HLS__) || defined(SP_VIVADO_HLS)
  b.user = 0;
  b.id = 0;
  b.dest = 0;
#endif
}
#else
typedef beat port_beat;
#endif

template <int A, int B> struct greatest_common { static const int value = greatest_common<B, A % B>::value; };
template <int A> struct greatest_common<A, 0> { static const int value = A; };

// How numbers in boxes and beats come together. A group is what both divide: one beat, or one number of several.
template <int BOX> struct grouping {
  static const int bytes = SP_AXI_BYTES;
  static const int numbers = bytes > BOX ? bytes / BOX : 1;
  static const int beats = BOX > bytes ? BOX / bytes : 1;
  typedef ap_uint<8 * BOX * numbers> group_t;
};

// Beats of a frame of COUNT numbers.
template <int BOX, int COUNT> struct frame {
  static const int beats = (COUNT * BOX + SP_AXI_BYTES - 1) / SP_AXI_BYTES;
};

// Number j of a group.
template <class T, int BOX, class GROUP> T unboxed(const GROUP &group, int j) {
  SP_HLS(INLINE)
  return same_bits<T>(ap_uint<8 * BOX>(group >> (8 * BOX * j)));
}

template <int BOX, class GROUP, class T> GROUP boxed(const T &x, int j) {
  SP_HLS(INLINE)
  const GROUP word = GROUP(ap_uint<8 * BOX>(ap_int<8 * BOX>(code_of(x))));
  return word << (8 * BOX * j);
}

// The next group of a frame; 0 after its end.
template <int BOX, class BEAT> typename grouping<BOX>::group_t take_group(stream<BEAT> &from, bool &ended) {
  SP_HLS(INLINE)
  typedef typename grouping<BOX>::group_t group_t;
  group_t group = 0;
  for (int q = 0; q < grouping<BOX>::beats; ++q) {
    SP_HLS(UNROLL)
    if (!ended) {
      const BEAT b = from.read();
      for (int i = 0; i < SP_AXI_BYTES; ++i) {
        SP_HLS(UNROLL)
        const bool kept = ap_uint<1>(b.keep >> i) == ap_uint<1>(1);
        if (kept) group |= group_t(group_t(ap_uint<8>(b.data >> (8 * i))) << (8 * (q * SP_AXI_BYTES + i)));
      }
      ended = b.last == ap_uint<1>(1);
    }
  }
  return group;
}

// What a frame has too much.
template <class BEAT> void drop_rest(stream<BEAT> &from, bool ended) {
  SP_HLS(INLINE)
  SP_LOOP(Rest)
  while (!ended) {
    SP_HLS(LOOP_TRIPCOUNT min=0 max=1)
    SP_HLS(PIPELINE II=1)
    ended = from.read().last == ap_uint<1>(1);
  }
}

// USED bytes of a group as beats.
template <int BOX, class BEAT> void give_group(const typename grouping<BOX>::group_t &group, int used, bool last, stream<BEAT> &to) {
  SP_HLS(INLINE)
  for (int q = 0; q < grouping<BOX>::beats; ++q) {
    SP_HLS(UNROLL)
    BEAT b;
    b.data = ap_uint<8 * SP_AXI_BYTES>(group >> (8 * SP_AXI_BYTES * q));
    b.keep = 0;
    for (int i = 0; i < SP_AXI_BYTES; ++i) {
      SP_HLS(UNROLL)
      if (q * SP_AXI_BYTES + i < used) b.keep |= ap_uint<SP_AXI_BYTES>(ap_uint<SP_AXI_BYTES>(1) << i);
    }
    b.last = last && q == grouping<BOX>::beats - 1 ? 1 : 0;
    add_signals(b);
    to.write(b);
  }
}

// A frame as a whole tensor, a group per clock.
template <int BOX, int COUNT, class BEAT, class T> void take(stream<BEAT> &from, T x[COUNT]) {
  const int numbers = grouping<BOX>::numbers;
  bool ended = false;
  SP_LOOP(Take)
  for (int g = 0; g < (COUNT + numbers - 1) / numbers; ++g) {
    SP_HLS(PIPELINE)
    const typename grouping<BOX>::group_t group = take_group<BOX>(from, ended);
    for (int j = 0; j < numbers; ++j) {
      SP_HLS(UNROLL)
      if (g * numbers + j < COUNT) x[g * numbers + j] = unboxed<T, BOX>(group, j);
    }
  }
  drop_rest(from, ended);
}

template <int BOX, int COUNT, class BEAT, class T> void give(const T x[COUNT], stream<BEAT> &to) {
  const int numbers = grouping<BOX>::numbers, groups = (COUNT + numbers - 1) / numbers;
  SP_LOOP(Give)
  for (int g = 0; g < groups; ++g) {
    SP_HLS(PIPELINE)
    typedef typename grouping<BOX>::group_t group_t;
    group_t group = 0;
    for (int j = 0; j < numbers; ++j) {
      SP_HLS(UNROLL)
      if (g * numbers + j < COUNT) group |= boxed<BOX, group_t>(x[g * numbers + j], j);
    }
    const bool last = g == groups - 1;
    give_group<BOX>(group, BOX * (last ? COUNT - g * numbers : numbers), last, to);
  }
}

// A list as a tensor: valid, row, column and features of one slot after the other.
template <int BOX, class BEAT, int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
void give(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x, stream<BEAT> &to) {
  const int each = 3 + CHANNELS;
  ap_int<8 * BOX> numbers[SLOTS * each];
  SP_HLS(ARRAY_PARTITION variable=numbers complete)
  for (int s = 0; s < SLOTS; ++s) {
    SP_HLS(UNROLL)
    numbers[s * each] = x.valid[s] ? 1 : 0;
    numbers[s * each + 1] = x.row[s];
    numbers[s * each + 2] = x.col[s];
    for (int c = 0; c < CHANNELS; ++c) {
      SP_HLS(UNROLL)
      numbers[s * each + 3 + c] = ap_int<8 * BOX>(code_of(x.feature[s * CHANNELS + c]));
    }
  }
  give<BOX, SLOTS * each>(numbers, to);
}

// Packets as numbers alone.
template <int BOX, class T, int SIZE> packet<T, SIZE> numbers_of(const packet<T, SIZE> &p) {
  SP_HLS(INLINE)
  return p;
}
template <int BOX, class LIST> packet<ap_int<8 * BOX>, 3 + LIST::channels> numbers_of(const slot_packet<LIST> &p) {
  SP_HLS(INLINE)
  packet<ap_int<8 * BOX>, 3 + LIST::channels> numbers;
  numbers.data[0] = p.valid ? 1 : 0;
  numbers.data[1] = p.row;
  numbers.data[2] = p.col;
  for (int c = 0; c < LIST::channels; ++c) {
    SP_HLS(UNROLL)
    numbers.data[3 + c] = ap_int<8 * BOX>(code_of(p.feature[c]));
  }
  return numbers;
}
template <int BOX, class P> struct numbers_in;
template <int BOX, class T, int SIZE> struct numbers_in<BOX, packet<T, SIZE> > { typedef packet<T, SIZE> type; };
template <int BOX, class LIST> struct numbers_in<BOX, slot_packet<LIST> > {
  typedef packet<ap_int<8 * BOX>, 3 + LIST::channels> type;
};

// A frame as a stream of PACKETS packets. Per clock pass as many numbers as divide both a group and a packet.
template <int BOX, int PACKETS, class BEAT, class T, int SIZE>
void take(stream<BEAT> &from, stream<packet<T, SIZE> > &to) {
  typedef typename grouping<BOX>::group_t group_t;
  const int numbers = grouping<BOX>::numbers, at_once = greatest_common<SIZE, numbers>::value;
  bool ended = false;
  int of_group = 0, of_packet = 0;
  group_t group = 0;
  packet<T, SIZE> p;
  for (int j = 0; j < SIZE; ++j) {
    SP_HLS(UNROLL)
    p.data[j] = T(0);
  }
  SP_LOOP(Take)
  for (int k = 0; k < PACKETS * SIZE / at_once; ++k) {
    SP_HLS(PIPELINE)
    if (of_group == 0) group = take_group<BOX>(from, ended);
    // Numbers move up to their places.
    for (int j = 0; j + at_once < SIZE; ++j) {
      SP_HLS(UNROLL)
      p.data[j] = p.data[j + at_once];
    }
    for (int j = 0; j < at_once; ++j) {
      SP_HLS(UNROLL)
      p.data[SIZE - at_once + j] = unboxed<T, BOX>(group, j);
    }
    group = group >> (8 * BOX * at_once);
    of_group = of_group + at_once == numbers ? 0 : of_group + at_once;
    of_packet = of_packet + at_once == SIZE ? 0 : of_packet + at_once;
    if (of_packet == 0) to.write(p);
  }
  drop_rest(from, ended);
}

template <int BOX, int PACKETS, class BEAT, class P> void give(stream<P> &from, stream<BEAT> &to) {
  typedef typename grouping<BOX>::group_t group_t;
  typedef typename numbers_in<BOX, P>::type numbers_t;
  const int size = numbers_t::size, numbers = grouping<BOX>::numbers, at_once = greatest_common<size, numbers>::value;
  const int steps = PACKETS * size / at_once, tail = PACKETS * size % numbers;
  int of_group = 0, of_packet = 0;
  group_t group = 0;
  numbers_t p;
  for (int j = 0; j < size; ++j) {
    SP_HLS(UNROLL)
    p.data[j] = typename numbers_t::number_t(0);
  }
  SP_LOOP(Give)
  for (int k = 0; k < steps; ++k) {
    SP_HLS(PIPELINE)
    if (of_packet == 0) p = numbers_of<BOX>(from.read());
    // From the top, so that the first number ends lowest.
    group = group >> (8 * BOX * at_once);
    for (int j = 0; j < at_once; ++j) {
      SP_HLS(UNROLL)
      group |= boxed<BOX, group_t>(p.data[j], numbers - at_once + j);
    }
    for (int j = 0; j + at_once < size; ++j) {
      SP_HLS(UNROLL)
      p.data[j] = p.data[j + at_once];
    }
    of_packet = of_packet + at_once == size ? 0 : of_packet + at_once;
    of_group = of_group + at_once == numbers ? 0 : of_group + at_once;
    const bool last = k == steps - 1;
    if (last && tail != 0) group = group >> (8 * BOX * (numbers - tail));
    if (last || of_group == 0) give_group<BOX>(group, BOX * (last && tail != 0 ? tail : numbers), last, to);
    if (last || of_group == 0) group = 0;
  }
}

// Frames of BEATS beats from memory, one after the other.
template <int BEATS> void load(const memory_word *from, int frames, stream<beat> &to) {
  SP_LOOP(Load)
  for (int k = 0; k < frames; ++k) {
    SP_HLS(LOOP_TRIPCOUNT min=1 max=1024)
    SP_LOOP(Load_beats)
    for (int j = 0; j < BEATS; ++j) {
      SP_HLS(PIPELINE II=1)
      beat b;
      b.data = from[k * BEATS + j];
      b.keep = ap_uint<SP_AXI_BYTES>(-1);
      b.last = j == BEATS - 1 ? 1 : 0;
      to.write(b);
    }
  }
}

template <int BEATS> void store(stream<beat> &from, memory_word *to, int frames) {
  SP_LOOP(Store)
  for (int k = 0; k < frames; ++k) {
    SP_HLS(LOOP_TRIPCOUNT min=1 max=1024)
    SP_LOOP(Store_beats)
    for (int j = 0; j < BEATS; ++j) {
      SP_HLS(PIPELINE II=1)
      to[k * BEATS + j] = from.read().data;
    }
  }
}

}  // namespace axi
}  // namespace sp

#endif
