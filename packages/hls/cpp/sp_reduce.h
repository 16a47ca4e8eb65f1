// Dense image -> sparse list: the first `slots` pixels in raster order whose channel 0 is above the threshold.
#ifndef SP_REDUCE_H
#define SP_REDUCE_H

#include "sp_list.h"

namespace sp {

namespace detail {

template <int BITS> struct candidate {
  bool found;
  ap_uint<BITS> index;
};

// Leftmost set bit of COUNT, by a binary tree split at the largest power of two below COUNT.
template <int COUNT, int BITS> struct first_active {
  static constexpr int below(int power) { return power * 2 < COUNT ? below(power * 2) : power; }
  static const int half = below(1);

  static candidate<BITS> of(const bool *active, int offset) {
    SP_HLS(INLINE)
    const candidate<BITS> left = first_active<half, BITS>::of(active, offset);
    if (left.found) return left;
    return first_active<COUNT - half, BITS>::of(active + half, offset + half);
  }
};

template <int BITS> struct first_active<1, BITS> {
  static candidate<BITS> of(const bool *active, int offset) {
    SP_HLS(INLINE)
    candidate<BITS> leaf;
    leaf.found = active[0];
    leaf.index = ap_uint<BITS>(active[0] ? offset : 0);
    return leaf;
  }
};

template <class CONFIG, class T, class Y> void write_slot(const T *image, int pixel, int slot, bool valid, Y &y) {
  SP_HLS(INLINE)
  const int row = CONFIG::row_of(pixel);
  y.valid[slot] = valid;
  y.row[slot] = typename Y::row_t(valid ? row : 0);
  y.col[slot] = typename Y::col_t(valid ? pixel - row * CONFIG::width : 0);
  for (int c = 0; c < CONFIG::channels; ++c) {
    SP_HLS(UNROLL)
    y.feature[slot * CONFIG::channels + c] =
        valid ? typename Y::feature_t(image[pixel * CONFIG::channels + c]) : typename Y::feature_t(0);
  }
}

}  // namespace detail

// CONFIG: height, width, channels, index_bits, compare_t (holds a pixel and the threshold), threshold(), row_of(pixel): an
// exact division by the width.

// Variant tree: `slots` searches, one after the other, each over all pixels at once.
template <class CONFIG, class T, class Y>
void reduce_tree(const T image[CONFIG::height * CONFIG::width * CONFIG::channels], Y &y) {
  const int pixels = CONFIG::height * CONFIG::width;
  bool active[CONFIG::height * CONFIG::width];
  SP_HLS(ARRAY_PARTITION variable=active complete)
  const typename CONFIG::compare_t threshold = CONFIG::threshold();
  for (int p = 0; p < pixels; ++p) {
    SP_HLS(UNROLL)
    active[p] = typename CONFIG::compare_t(image[p * CONFIG::channels]) > threshold;
  }
  for (int s = 0; s < Y::slots; ++s) {
    SP_HLS(PIPELINE)
    const detail::candidate<CONFIG::index_bits> hit =
        detail::first_active<CONFIG::height * CONFIG::width, CONFIG::index_bits>::of(active, 0);
    const int pixel = hit.index.to_int();
    if (hit.found) active[pixel] = false;
    detail::write_slot<CONFIG>(image, pixel, s, hit.found, y);
  }
}

// Variant stream: one pixel per clock.
template <class CONFIG, class T, class Y>
void reduce_stream(const T image[CONFIG::height * CONFIG::width * CONFIG::channels], Y &y) {
  for (int s = 0; s < Y::slots; ++s) {
    SP_HLS(UNROLL)
    detail::write_slot<CONFIG>(image, 0, s, false, y);
  }
  const typename CONFIG::compare_t threshold = CONFIG::threshold();
  int used = 0;
  for (int p = 0; p < CONFIG::height * CONFIG::width; ++p) {
    SP_HLS(PIPELINE II=1)
    const bool active = typename CONFIG::compare_t(image[p * CONFIG::channels]) > threshold;
    if (active && used < Y::slots) {
      detail::write_slot<CONFIG>(image, p, used, true, y);
      ++used;
    }
  }
}

namespace detail {

// A pixel on its way to its slot: it has to move `gap` places to the left, one for every inactive pixel before it.
template <int CHANNELS, int BITS, class T> struct traveller {
  bool valid;
  ap_uint<BITS> gap;
  T feature[CHANNELS];
};

}  // namespace detail

// Variant prefix: all active pixels move to their slots at once. Counting inactive pixels (within rows, then over rows)
// tells each active pixel how far to move; moves by 1, 2, 4, ... places follow one another and never collide. There is
// no loop from one slot to the next: a new image can enter every clock.
template <class CONFIG, class T, class Y>
void reduce_prefix(const T image[CONFIG::height * CONFIG::width * CONFIG::channels], Y &y) {
  SP_HLS(PIPELINE II=1)
  const int height = CONFIG::height, width = CONFIG::width, pixels = height * width;
  typedef detail::traveller<CONFIG::channels, CONFIG::index_bits, T> traveller_t;
  const typename CONFIG::compare_t threshold = CONFIG::threshold();
  traveller_t field[CONFIG::height * CONFIG::width];
  SP_HLS(ARRAY_PARTITION variable=field complete)

  // Inactive pixels up to and including each one: in its row by doubling distances, then those of all rows above. Where
  // a count wraps, the pixel is inactive and nobody looks at it.
  typedef ap_uint<CONFIG::index_bits> count_t;
  count_t gaps[CONFIG::height * CONFIG::width], above[CONFIG::height];
  SP_HLS(ARRAY_PARTITION variable=gaps complete)
  SP_HLS(ARRAY_PARTITION variable=above complete)
  for (int p = 0; p < pixels; ++p) {
    SP_HLS(UNROLL)
    field[p].valid = typename CONFIG::compare_t(image[p * CONFIG::channels]) > threshold;
    gaps[p] = count_t(field[p].valid ? 0 : 1);
  }
  for (int distance = 1; distance < width; distance *= 2) {
    SP_HLS(UNROLL)
    for (int p = pixels - 1; p >= 0; --p) {
      SP_HLS(UNROLL)
      if (p % width >= distance) gaps[p] = count_t(gaps[p] + gaps[p - distance]);
    }
  }
  for (int r = 0; r < height; ++r) {
    SP_HLS(UNROLL)
    above[r] = r == 0 ? count_t(0) : gaps[r * width - 1];
  }
  for (int distance = 1; distance < height; distance *= 2) {
    SP_HLS(UNROLL)
    for (int r = height - 1; r >= distance; --r) {
      SP_HLS(UNROLL)
      above[r] = count_t(above[r] + above[r - distance]);
    }
  }
  for (int p = 0; p < pixels; ++p) {
    SP_HLS(UNROLL)
    field[p].gap = count_t(gaps[p] + above[p / width]);
    for (int c = 0; c < CONFIG::channels; ++c) {
      SP_HLS(UNROLL)
      field[p].feature[c] = image[p * CONFIG::channels + c];
    }
  }

  for (int b = 0; (1 << b) < pixels; ++b) {
    SP_HLS(UNROLL)
    for (int p = 0; p < pixels; ++p) {
      SP_HLS(UNROLL)
      // Later moves are multiples of 2^(b + 1): only pixels that can still end in a slot matter.
      if (p % (2 << b) >= Y::slots) continue;
      const int source = p + (1 << b);
      const bool moves = source < pixels && field[source < pixels ? source : p].valid &&
                         (field[source < pixels ? source : p].gap.to_int() >> b & 1) != 0;
      const bool stays = field[p].valid && (field[p].gap.to_int() >> b & 1) == 0;
      if (moves) {
        field[p] = field[source];
      } else {
        field[p].valid = stays;
      }
    }
  }
  for (int s = 0; s < Y::slots; ++s) {
    SP_HLS(UNROLL)
    const bool valid = field[s].valid;
    const int pixel = s + field[s].gap.to_int();
    const int row = CONFIG::row_of(valid ? pixel : 0);
    y.valid[s] = valid;
    y.row[s] = typename Y::row_t(row);
    y.col[s] = typename Y::col_t(valid ? pixel - row * width : 0);
    for (int c = 0; c < CONFIG::channels; ++c) {
      SP_HLS(UNROLL)
      y.feature[s * CONFIG::channels + c] =
          valid ? typename Y::feature_t(field[s].feature[c]) : typename Y::feature_t(0);
    }
  }
}

}  // namespace sp

#endif
