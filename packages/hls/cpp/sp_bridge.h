// Runs a network from a program's standard input and output: batches of codes in, values out. Simulation only.
//
// All numbers are little-endian; codes are signed integers of 1, 2, 4 or a multiple of 8 bytes (`project.json` says
// which). A tensor is its codes, row-major; a list is its codes, row and col (4 bytes per slot), valid (1 byte per slot).
//
//   request  = "SPQ1", u32 network, u32 images, u32 taps, u32 x taps (indices of nodes), images x inputs
//   response = "SPR1", u32 images, images x (taps in the order of the nodes, outputs)
//
// The list of taps, the codes of a value and every value are padded to a multiple of 8 bytes.
#ifndef SP_BRIDGE_H
#define SP_BRIDGE_H

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "sp_list.h"

namespace sp {
namespace bridge {

template <int BYTES> struct plain;
template <> struct plain<1> { typedef std::int8_t type; };
template <> struct plain<2> { typedef std::int16_t type; };
template <> struct plain<4> { typedef std::int32_t type; };
template <> struct plain<8> { typedef std::int64_t type; };

template <int BYTES, class T> void encode(const T &x, unsigned char *to) {
  if constexpr (BYTES <= 8) {
    typedef typename plain<BYTES>::type raw;
    const raw word = static_cast<raw>(ap_int<64>(code_of(x)).to_int64());
    std::memcpy(to, &word, BYTES);
  } else {
    const ap_int<8 * BYTES> code = code_of(x);
    for (int j = 0; j < BYTES / 8; ++j) {
      const std::int64_t limb = ap_int<64>(code >> (64 * j)).to_int64();
      std::memcpy(to + 8 * j, &limb, 8);
    }
  }
}

template <int BYTES, class T> T decode(const unsigned char *from) {
  if constexpr (BYTES <= 8) {
    typename plain<BYTES>::type word;
    std::memcpy(&word, from, BYTES);
    return same_bits<T>(ap_int<64>(static_cast<long long>(word)));
  } else {
    ap_int<8 * BYTES> code = 0;
    for (int j = BYTES / 8 - 1; j >= 0; --j) {
      std::uint64_t limb;
      std::memcpy(&limb, from + 8 * j, 8);
      code = (code << 64) + ap_uint<64>(static_cast<unsigned long long>(limb));
    }
    return same_bits<T>(code);
  }
}

inline std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

struct session {
  std::vector<bool> tapped;
  std::vector<unsigned char> in, out;
  std::size_t position = 0;

  unsigned char *grow(std::size_t bytes) {
    const std::size_t at = out.size();
    out.resize(at + padded(bytes));
    return out.data() + at;
  }

  template <int BYTES, class T> void read(T *x, int size) {
    const unsigned char *from = in.data() + position;
    for (int j = 0; j < size; ++j, from += BYTES) x[j] = decode<BYTES, T>(from);
    position += padded(static_cast<std::size_t>(size) * BYTES);
  }
  template <int BYTES, class T> void write(const T *x, int size) {
    unsigned char *to = grow(static_cast<std::size_t>(size) * BYTES);
    for (int j = 0; j < size; ++j, to += BYTES) encode<BYTES>(x[j], to);
  }
  template <int BYTES, int SLOTS, int CHANNELS, class T, int ROW_BITS, int COL_BITS>
  void write(const sparse_list<SLOTS, CHANNELS, T, ROW_BITS, COL_BITS> &x) {
    const std::size_t codes = padded(static_cast<std::size_t>(SLOTS) * CHANNELS * BYTES);
    unsigned char *to = grow(codes + 9 * SLOTS);
    for (int j = 0; j < SLOTS * CHANNELS; ++j) encode<BYTES>(x.feature[j], to + j * BYTES);
    to += codes;
    for (int s = 0; s < SLOTS; ++s, to += 4) put(x.row[s].to_int(), to);
    for (int s = 0; s < SLOTS; ++s, to += 4) put(x.col[s].to_int(), to);
    for (int s = 0; s < SLOTS; ++s) *to++ = x.valid[s] ? 1 : 0;
  }

 private:
  static void put(int value, unsigned char *to) {
    const std::int32_t word = value;
    std::memcpy(to, &word, 4);
  }
};

// The session that traces go to.
inline session *&current() {
  static session *running = nullptr;
  return running;
}

// One per project: bytes of the inputs of an image, and a function that reads them, runs, and writes outputs and taps.
struct network {
  std::size_t input_bytes;
  std::size_t nodes;
  void (*run)(session &);
};

inline bool read_exactly(void *to, std::size_t bytes) { return std::fread(to, 1, bytes, stdin) == bytes; }

inline int fail(const char *problem) {
  std::fprintf(stderr, "%s\n", problem);
  return 1;
}

// Serves requests until the input ends.
inline int serve(const network *networks, std::size_t count) {
  char magic[4];
  while (read_exactly(magic, 4)) {
    std::uint32_t head[3];
    if (std::memcmp(magic, "SPQ1", 4) != 0 || !read_exactly(head, sizeof head)) return fail("malformed request");
    if (head[0] >= count) return fail("no such network");
    const network &chosen = networks[head[0]];
    session running;
    running.tapped.assign(chosen.nodes, false);
    for (std::uint32_t t = 0; t < head[2]; ++t) {
      std::uint32_t tap;
      if (!read_exactly(&tap, 4) || tap >= chosen.nodes) return fail("malformed tap");
      running.tapped[tap] = true;
    }
    if (head[2] % 2 != 0 && !read_exactly(magic, 4)) return fail("malformed request");
    running.in.resize(chosen.input_bytes);
    current() = &running;
    if (std::fwrite("SPR1", 1, 4, stdout) != 4 || std::fwrite(head + 1, 4, 1, stdout) != 1) return fail("cannot write");
    for (std::uint32_t image = 0; image < head[1]; ++image) {
      if (!read_exactly(running.in.data(), running.in.size())) return fail("too few inputs");
      running.position = 0;
      running.out.clear();
      chosen.run(running);
      if (std::fwrite(running.out.data(), 1, running.out.size(), stdout) != running.out.size()) return fail("cannot write");
    }
    std::fflush(stdout);
    current() = nullptr;
  }
  return 0;
}

}  // namespace bridge
}  // namespace sp

#endif
