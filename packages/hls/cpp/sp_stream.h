// Values as streams, for projects with io_stream: a tensor is a stream of packets that hold its last dimension (a pixel
// with its channels), a sparse list is a stream of slots. In simulation a stream is an unbounded queue.
#ifndef SP_STREAM_H
#define SP_STREAM_H

#include "sp_elementwise.h"

#ifdef SP_BOUNDED
#include "sp_bounded_stream.h"
#elif SP_AP_TYPES
#include "hls_stream.h"
namespace sp {
template <class T> using stream = hls::stream<T>;
}
#else
#include <cstdlib>
#include <deque>
namespace sp {
template <class T> class stream {
 public:
  T read() {
    // Hardware would wait forever.
    if (queue.empty()) std::abort();
    const T first = queue.front();
    queue.pop_front();
    return first;
  }
  void write(const T &x) { queue.push_back(x); }
  bool empty() const { return queue.empty(); }

 private:
  std::deque<T> queue;
};
}  // namespace sp
#endif

// A dataflow region is written as SP_PROCESS(call), a process each, with SP_DEPTH(stream, depth) after the declaration of a
// stream between two of them, and SP_FINISH at its end. With -DSP_BOUNDED the processes are threads, and the streams as
// long as in hardware.
#ifdef SP_BOUNDED
#define SP_DEPTH(name, depth) name.limit(depth);
#define SP_PROCESS(...) sp::bounded::start([&] { __VA_ARGS__; });
#define SP_FINISH sp::bounded::finish();
#else
#define SP_DEPTH(name, words) SP_HLS(STREAM variable=name depth=words) SP_VIVADO(DATA_PACK variable=name)
#define SP_PROCESS(...) __VA_ARGS__;
#define SP_FINISH
#endif

namespace sp {

template <class T, int SIZE> struct packet {
  static const int size = SIZE;
  typedef T number_t;
  T data[SIZE];
};

// One slot of a LIST.
template <class LIST> struct slot_packet {
  bool valid;
  typename LIST::row_t row;
  typename LIST::col_t col;
  typename LIST::feature_t feature[LIST::channels];
};

// A whole tensor of COUNT packets, one packet per clock.
template <int COUNT, class T, int SIZE> void receive(stream<packet<T, SIZE> > &from, T x[COUNT * SIZE]) {
  SP_HLS(INLINE)
  SP_LOOP(Receive)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    const packet<T, SIZE> p = from.read();
    for (int j = 0; j < SIZE; ++j) {
      SP_HLS(UNROLL)
      x[i * SIZE + j] = p.data[j];
    }
  }
}

template <int COUNT, class T, int SIZE> void send(const T x[COUNT * SIZE], stream<packet<T, SIZE> > &to) {
  SP_HLS(INLINE)
  SP_LOOP(Send)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    packet<T, SIZE> p;
    for (int j = 0; j < SIZE; ++j) {
      SP_HLS(UNROLL)
      p.data[j] = x[i * SIZE + j];
    }
    to.write(p);
  }
}

// A whole list, one slot per clock.
template <class LIST> void receive(stream<slot_packet<LIST> > &from, LIST &x) {
  SP_HLS(INLINE)
  SP_LOOP(Receive)
  for (int s = 0; s < LIST::slots; ++s) {
    SP_HLS(PIPELINE II=1)
    const slot_packet<LIST> p = from.read();
    x.valid[s] = p.valid;
    x.row[s] = p.row;
    x.col[s] = p.col;
    for (int c = 0; c < LIST::channels; ++c) {
      SP_HLS(UNROLL)
      x.feature[s * LIST::channels + c] = p.feature[c];
    }
  }
}

template <class LIST> void send(const LIST &x, stream<slot_packet<LIST> > &to) {
  SP_HLS(INLINE)
  SP_LOOP(Send)
  for (int s = 0; s < LIST::slots; ++s) {
    SP_HLS(PIPELINE II=1)
    slot_packet<LIST> p;
    p.valid = x.valid[s];
    p.row = x.row[s];
    p.col = x.col[s];
    for (int c = 0; c < LIST::channels; ++c) {
      SP_HLS(UNROLL)
      p.feature[c] = x.feature[s * LIST::channels + c];
    }
    to.write(p);
  }
}

// One stream for each of two readers.
template <int COUNT, class P> void fork(stream<P> &x, stream<P> &a, stream<P> &b) {
  SP_LOOP(Fork)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    const P p = x.read();
    a.write(p);
    b.write(p);
  }
}

template <int COUNT, class P> void forward(stream<P> &x, stream<P> &y) {
  SP_LOOP(Forward)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    y.write(x.read());
  }
}

// A constant as a stream.
template <int COUNT, class T, int SIZE> void send_constant(const T x[COUNT * SIZE], stream<packet<T, SIZE> > &y) {
  send<COUNT>(x, y);
}

// Reads what nothing else reads.
template <int COUNT, class P> void drain(stream<P> &x) {
  SP_LOOP(Drain)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    (void)x.read();
  }
}

// Ops on each number alone go packet by packet. OP::number(j, c, x) is element j of the result, in channel c; of a list, OP::feature(row,
// col, c, x) is channel c of a valid slot.
template <class OP, int COUNT, class T, class R, int SIZE>
void each_packet(stream<packet<T, SIZE> > &x, stream<packet<R, SIZE> > &y) {
  SP_LOOP(Packets)
  for (int i = 0; i < COUNT; ++i) {
    SP_HLS(PIPELINE II=1)
    const packet<T, SIZE> p = x.read();
    packet<R, SIZE> q;
    for (int j = 0; j < SIZE; ++j) {
      SP_HLS(UNROLL)
      q.data[j] = OP::template number<R>(i * SIZE + j, j, p.data[j]);
    }
    y.write(q);
  }
}

template <class OP, class X, class Y> void each_slot(stream<slot_packet<X> > &x, stream<slot_packet<Y> > &y) {
  typedef typename Y::feature_t feature_t;
  SP_LOOP(Slots)
  for (int s = 0; s < X::slots; ++s) {
    SP_HLS(PIPELINE II=1)
    const slot_packet<X> p = x.read();
    slot_packet<Y> q;
    q.valid = p.valid;
    q.row = p.row;
    q.col = p.col;
    for (int c = 0; c < X::channels; ++c) {
      SP_HLS(UNROLL)
      q.feature[c] =
          p.valid ? OP::template feature<feature_t>(p.row.to_int(), p.col.to_int(), c, p.feature[c]) : feature_t(0);
    }
    y.write(q);
  }
}

struct relu_op {
  template <class R, class T> static R number(int, int, const T &x) {
    SP_HLS(INLINE)
    return positive_part<R>(x);
  }
  template <class R, class T> static R feature(int, int, int, const T &x) {
    SP_HLS(INLINE)
    return positive_part<R>(x);
  }
};

template <class CONFIG> struct requantize_op {
  template <class R, class T> static R number(int j, int, const T &x) {
    SP_HLS(INLINE)
    return CONFIG::cast(j, x);
  }
};

template <class CONFIG> struct requantize_list_op {
  template <class R, class T> static R feature(int row, int col, int c, const T &x) {
    SP_HLS(INLINE)
    return CONFIG::cast(CONFIG::element(row, col, c), x);
  }
};

template <class CONFIG> struct map_op {
  template <class R, class T> static R number(int j, int c, const T &x) {
    SP_HLS(INLINE)
    return CONFIG::apply(j, c, x);
  }
  template <class R, class T> static R feature(int, int, int c, const T &x) {
    SP_HLS(INLINE)
    return CONFIG::apply(c, c, x);
  }
};

// Input reduction, one pixel per clock: an active pixel leaves as a slot at once, empty slots follow at the end.
template <class CONFIG, class T, class Y, int SIZE>
void reduce_from_stream(stream<packet<T, SIZE> > &image, stream<slot_packet<Y> > &y) {
  const typename CONFIG::compare_t threshold = CONFIG::threshold();
  int used = 0;
  SP_LOOP(Pixels)
  for (int row = 0; row < CONFIG::height; ++row) {
    for (int col = 0; col < CONFIG::width; ++col) {
      SP_HLS(PIPELINE II=1)
      const packet<T, SIZE> p = image.read();
      if (used < Y::slots && typename CONFIG::compare_t(p.data[0]) > threshold) {
        slot_packet<Y> q;
        q.valid = true;
        q.row = typename Y::row_t(row);
        q.col = typename Y::col_t(col);
        for (int c = 0; c < SIZE; ++c) {
          SP_HLS(UNROLL)
          q.feature[c] = typename Y::feature_t(p.data[c]);
        }
        y.write(q);
        ++used;
      }
    }
  }
  SP_LOOP(Empty)
  for (; used < Y::slots; ++used) {
    SP_HLS(LOOP_TRIPCOUNT min=0 max=Y::slots)
    SP_HLS(PIPELINE II=1)
    slot_packet<Y> q;
    q.valid = false;
    q.row = typename Y::row_t(0);
    q.col = typename Y::col_t(0);
    for (int c = 0; c < SIZE; ++c) {
      SP_HLS(UNROLL)
      q.feature[c] = typename Y::feature_t(0);
    }
    y.write(q);
  }
}

// A line buffer; every row is a memory, every place of the window a register. What it holds before the first window is never
// used, and is 0 where undefined bits would be seen.
#ifdef __SYNTHESIS__
#define SP_LINE_BUFFER(CONFIG, P, name)                          \
  line_buffer<CONFIG, P> name;                                   \
  SP_HLS(ARRAY_PARTITION variable=name.lines complete dim=1)     \
  SP_HLS(ARRAY_PARTITION variable=name.window complete dim=0)
#else
#define SP_LINE_BUFFER(CONFIG, P, name) \
  line_buffer<CONFIG, P> name;          \
  name.clear();
#endif

// The last rows of an image that passes by, and a window over them that moves one pixel to the right with every push.
// Padding is pushed like pixels.
//
// CONFIG: width, pad_left, pad_right, window_height, window_width (with dilation).
template <class CONFIG, class P> struct line_buffer {
  static const int padded_width = CONFIG::width + CONFIG::pad_left + CONFIG::pad_right;
  // One row more than needed when the window is a single row: arrays cannot be empty.
  P lines[CONFIG::window_height][padded_width];
  P window[CONFIG::window_height][CONFIG::window_width];

  void clear() {
    for (int a = 0; a < CONFIG::window_height; ++a) {
      for (int b = 0; b < padded_width; ++b)
        for (int j = 0; j < P::size; ++j) lines[a][b].data[j] = typename P::number_t(0);
      for (int b = 0; b < CONFIG::window_width; ++b)
        for (int j = 0; j < P::size; ++j) window[a][b].data[j] = typename P::number_t(0);
    }
  }

  void push(const P &pixel, int col) {
    SP_HLS(INLINE)
    for (int a = 0; a < CONFIG::window_height; ++a) {
      SP_HLS(UNROLL)
      for (int b = 0; b + 1 < CONFIG::window_width; ++b) {
        SP_HLS(UNROLL)
        window[a][b] = window[a][b + 1];
      }
      // Every line takes over what stood one line below.
      const P next = a + 1 < CONFIG::window_height ? lines[a + 1 < CONFIG::window_height ? a + 1 : a][col] : pixel;
      window[a][CONFIG::window_width - 1] = next;
      lines[a][col] = next;
    }
  }
};

}  // namespace sp

#endif
