// Both ends of an AXI4-Stream port of simulated RTL, for testbenches that set and read its pins. Simulation only.
#ifndef SP_AXI_RTL_H
#define SP_AXI_RTL_H

#include "sp_axi_testbench.h"

namespace sp {
namespace axi {

// Sends images; pauses at random, but once it has offered a beat it waits until that is taken.
class rtl_sender {
 public:
  rtl_sender(const std::vector<bytes> &images, std::uint32_t seed) : pause_(seed), next_(0), offered_(false) {
    for (const bytes &image : images)
      for (const port_beat &b : beats_of<port_beat>(image)) beats_.push_back(b);
  }
  // Before a clock edge: whether TVALID is 1, with data(), keep() and last().
  bool offer() {
    if (!offered_) offered_ = next_ < beats_.size() && pause_.below(3) > 0;
    return offered_;
  }
  std::uint64_t data() const { return word_of(beats_[next_].data); }
  std::uint64_t keep() const { return word_of(beats_[next_].keep); }
  bool last() const { return beats_[next_].last == ap_uint<1>(1); }
  // At the edge.
  void clock(bool ready) {
    if (!offered_ || !ready) return;
    ++next_;
    offered_ = false;
  }
  template <class T> static std::uint64_t word_of(const T &x) { return static_cast<std::uint64_t>(ap_int<64>(x).to_int64()); }

 private:
  random pause_;
  std::vector<port_beat> beats_;
  std::size_t next_;
  bool offered_;
};

// Receives frames of `count` bytes; refuses at random.
class rtl_receiver {
 public:
  rtl_receiver(const char *output, std::size_t count, std::uint32_t seed)
      : wrong(0), pause_(seed), output_(output), count_(count), ready_(false) {}
  // Before a clock edge: TREADY.
  bool accept() { return ready_ = pause_.below(3) > 0; }
  // At the edge.
  void clock(bool valid, std::uint64_t data, std::uint64_t keep, bool last) {
    if (!valid || !ready_) return;
    port_beat b;
    b.data = memory_word(static_cast<unsigned long long>(data));
    b.keep = ap_uint<SP_AXI_BYTES>(static_cast<unsigned long long>(keep));
    b.last = last ? 1 : 0;
    if (!keep_bytes(b, count_, image_) && ++wrong <= 20)
      std::printf("image %d, output %s: TLAST or TKEEP is not that of a frame of %d bytes\n", static_cast<int>(images.size()),
                  output_, static_cast<int>(count_));
    if (!last) return;
    image_.resize(count_);
    images.push_back(image_);
    image_.clear();
  }
  std::vector<bytes> images;
  int wrong;

 private:
  random pause_;
  const char *output_;
  std::size_t count_;
  bool ready_;
  bytes image_;
};

}  // namespace axi
}  // namespace sp

#endif
