// Frames as bytes, made and read without the firmware's own code, for testbenches and hosts of the wrappers. Simulation only.
#ifndef SP_AXI_TESTBENCH_H
#define SP_AXI_TESTBENCH_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "sp_axi.h"
#include "sp_testbench.h"

namespace sp {
namespace axi {

typedef std::vector<unsigned char> bytes;

// Little-endian, as many bytes as a box has.
template <int BOX, class T> void append(const T &x, bytes &to) {
  const ap_int<8 * BOX> code = code_of(x);
  for (int i = 0; i < BOX; ++i) to.push_back(static_cast<unsigned char>(ap_int<64>(code >> (8 * i)).to_int64() & 255));
}

template <int BOX, class T> void append(const T *x, int size, bytes &to) {
  for (int j = 0; j < size; ++j) append<BOX>(x[j], to);
}

template <int BOX, int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
void append(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x, bytes &to) {
  for (int s = 0; s < SLOTS; ++s) {
    append<BOX>(ap_int<2>(x.valid[s] ? 1 : 0), to);
    append<BOX>(x.row[s], to);
    append<BOX>(x.col[s], to);
    append<BOX>(x.feature + s * CHANNELS, CHANNELS, to);
  }
}

// The numbers of one image as decimal words.
template <int BOX> std::vector<std::string> words_of(const bytes &from) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at + BOX <= from.size(); at += BOX) {
    ap_int<8 * BOX> code = 0;
    for (int i = BOX - 1; i >= 0; --i) code = ap_int<8 * BOX>(code << 8) + ap_uint<8>(static_cast<int>(from[at + static_cast<std::size_t>(i)]));
    all.push_back(testbench::decimal(code));
  }
  return all;
}

template <class WORD> WORD word_at(const bytes &from, std::size_t at) {
  WORD word = 0;
  for (std::size_t i = SP_AXI_BYTES; i-- > 0;) word = WORD(word << 8) + ap_uint<8>(static_cast<int>(at + i < from.size() ? from[at + i] : 0));
  return word;
}

template <class WORD> void append_word(const WORD &word, bytes &to) {
  for (int i = 0; i < SP_AXI_BYTES; ++i) to.push_back(static_cast<unsigned char>(ap_uint<8>(word >> (8 * i)).to_int()));
}

// One image as beats.
template <class BEAT> std::vector<BEAT> beats_of(const bytes &image) {
  std::vector<BEAT> all;
  for (std::size_t at = 0; at < image.size(); at += SP_AXI_BYTES) {
    BEAT b;
    b.data = word_at<memory_word>(image, at);
    b.keep = 0;
    for (std::size_t i = 0; i < SP_AXI_BYTES && at + i < image.size(); ++i)
      b.keep |= ap_uint<SP_AXI_BYTES>(ap_uint<SP_AXI_BYTES>(1) << static_cast<int>(i));
    b.last = at + SP_AXI_BYTES >= image.size() ? 1 : 0;
    add_signals(b);
    all.push_back(b);
  }
  return all;
}

// The bytes that a beat keeps; false where TKEEP or TLAST is not that of a frame of COUNT bytes that has GOT before it.
template <class BEAT> bool keep_bytes(const BEAT &b, std::size_t count, bytes &got) {
  bool right = (b.last == ap_uint<1>(1)) == (got.size() + SP_AXI_BYTES >= count);
  bytes all;
  append_word(b.data, all);
  const std::size_t before = got.size();
  for (std::size_t i = 0; i < SP_AXI_BYTES; ++i) {
    const bool kept = ap_uint<1>(b.keep >> static_cast<int>(i)) == ap_uint<1>(1);
    right = right && kept == (before + i < count);
    if (kept) got.push_back(all[i]);
  }
  return right;
}

// Small random numbers, always the same.
class random {
 public:
  explicit random(std::uint32_t seed) : state_(seed * 2654435761u + 1u) {}
  std::uint32_t below(std::uint32_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ % bound;
  }

 private:
  std::uint32_t state_;
};

// All images as beats, one after the other. With -DSP_BOUNDED the sender pauses at random until all have been taken.
template <class BEAT> void feed(const std::vector<bytes> &images, std::uint32_t seed, stream<BEAT> &to) {
  random pause(seed);
  for (const bytes &image : images)
    for (const BEAT &b : beats_of<BEAT>(image)) {
#ifdef SP_BOUNDED
      if (pause.below(4) == 0) to.wait_until_empty();
#endif
      to.write(b);
    }
}

// Frames of `count` bytes each. With -DSP_BOUNDED the receiver refuses at random, until the FIFO before it is full.
template <class BEAT>
int collect(const char *output, std::size_t count, std::size_t frames, std::uint32_t seed, stream<BEAT> &from, std::vector<bytes> &images) {
  random pause(seed);
  int wrong = 0;
  std::size_t rest = frames * ((count + SP_AXI_BYTES - 1) / SP_AXI_BYTES);
  for (std::size_t k = 0; k < frames; ++k) {
    bytes image;
    for (std::size_t at = 0; at < count; at += SP_AXI_BYTES, --rest) {
#ifdef SP_BOUNDED
      if (pause.below(4) == 0) from.wait_until_filled(rest);
#endif
      if (keep_bytes(from.read(), count, image)) continue;
      ++wrong;
      if (wrong <= 20)
        std::printf("image %d, output %s, beat %d: TLAST or TKEEP is not that of a frame of %d bytes\n", static_cast<int>(k), output,
                    static_cast<int>(at / SP_AXI_BYTES), static_cast<int>(count));
    }
    image.resize(count);
    images.push_back(image);
  }
  return wrong;
}

// All images as they lie in memory.
template <class WORD> std::vector<WORD> memory_of(const std::vector<bytes> &images, std::size_t least) {
  std::vector<WORD> memory;
  for (const bytes &image : images)
    for (std::size_t at = 0; at < image.size(); at += SP_AXI_BYTES) memory.push_back(word_at<WORD>(image, at));
  while (memory.size() < least) memory.push_back(WORD(0));
  return memory;
}

template <class WORD> std::vector<bytes> images_in(const std::vector<WORD> &memory, std::size_t count, std::size_t images) {
  std::vector<bytes> all;
  const std::size_t beats = (count + SP_AXI_BYTES - 1) / SP_AXI_BYTES;
  for (std::size_t k = 0; k < images; ++k) {
    bytes image;
    for (std::size_t j = 0; j < beats; ++j) append_word(memory[k * beats + j], image);
    image.resize(count);
    all.push_back(image);
  }
  return all;
}

}  // namespace axi
}  // namespace sp

#endif
