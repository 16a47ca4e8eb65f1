import { cppSource } from '../../src/emit/cpp-source.ts';

/** Our arithmetic under another namespace, so that `sp::ap_fixed` does not exist. */
function renamed(name: string): string {
  return cppSource(name)
    .replaceAll('namespace sp', 'namespace shim_base')
    .replaceAll('SP_WIDE_H', 'SHIM_WIDE_H')
    .replaceAll('SP_FIXED_H', 'SHIM_FIXED_H')
    .replaceAll('sp_wide.h', 'shim_wide.h');
}

/**
 * Stand-ins for AMD's `ap_fixed.h`, `ap_int.h` and `hls_stream.h`: their interface as far as the kernels use it (global names, `range`, bit access,
 * non-copyable streams, objects that hold anything until they are given a value), on top of our arithmetic. They check that the branch of the sources for AMD's headers compiles and computes; not AMD's arithmetic.
 */
export const apShim: ReadonlyMap<string, string> = new Map([
  ['shim_wide.h', renamed('sp_wide.h')],
  ['shim_fixed.h', renamed('sp_fixed.h')],
  [
    'ap_fixed.h',
    `#ifndef SHIM_AP_FIXED_H
#define SHIM_AP_FIXED_H
#include <cstdint>
#include "shim_fixed.h"
using namespace shim_base::detail;
using shim_base::ap_q_mode;
using shim_base::ap_o_mode;
using shim_base::AP_RND; using shim_base::AP_RND_ZERO; using shim_base::AP_RND_MIN_INF; using shim_base::AP_RND_INF; using shim_base::AP_RND_CONV;
using shim_base::AP_TRN; using shim_base::AP_TRN_ZERO;
using shim_base::AP_SAT; using shim_base::AP_SAT_ZERO; using shim_base::AP_SAT_SYM; using shim_base::AP_WRAP; using shim_base::AP_WRAP_SM;

// The bits of a whole word, which is all that the kernels take.
template <class T> struct shim_range {
  T &of;
  template <class U> shim_range &operator=(const shim_range<U> &other) {
    // As AMD's: bits move, a narrower word is filled up with zeros.
    const auto word = shim_base::detail::wrap<U::width, false>(other.of.V);
    of.V = shim_base::detail::wrap<T::width, T::is_signed>(word);
    return *this;
  }
};
template <class BASE> struct shim : BASE {
  using BASE::BASE;
  shim() = default;
  shim(const BASE &other) : BASE(other) {}
  shim_range<shim> range(int hi, int lo) { check(hi, lo); return {*this}; }
  shim_range<const shim> range(int hi, int lo) const { check(hi, lo); return {*this}; }
  bool operator[](int bit) const { return ((this->V >> bit) & typename BASE::raw(1)) != typename BASE::raw(0); }
 private:
  static void check(int hi, int lo) { if (hi != BASE::width - 1 || lo != 0) __builtin_trap(); }
};
#define SHIM(NAME, ...)                                            \\
  typedef shim<shim_base::fixed_base<__VA_ARGS__> > base;                 \\
  using base::base;                                                \\
  NAME() { this->V = shim_base::detail::wrap<base::width, base::is_signed>(std::int64_t(0x5555555555555555)); } \\
  NAME(const base &other) : base(other) {}                         \\
  NAME(const shim_base::fixed_base<__VA_ARGS__> &other) : base(other) {}
template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
struct ap_fixed : shim<shim_base::fixed_base<W, I, true, Q, O> > {
  // AMD's decides about the sign before it has rounded.
  static_assert(O != AP_WRAP_SM || Q == AP_TRN, "a cast that AMD's headers round differently");
  SHIM(ap_fixed, W, I, true, Q, O)
};
template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
struct ap_ufixed : shim<shim_base::fixed_base<W, I, false, Q, O> > {
  static_assert(O != AP_WRAP_SM, "AMD's headers do not fold unsigned types");
  SHIM(ap_ufixed, W, I, false, Q, O)
};
template <int W> struct ap_int : shim<shim_base::fixed_base<W, W, true> > { SHIM(ap_int, W, W, true) };
template <int W> struct ap_uint : shim<shim_base::fixed_base<W, W, false> > { SHIM(ap_uint, W, W, false) };
#endif
`,
  ],
  ['ap_int.h', '#include "ap_fixed.h"\n'],
  [
    'ap_axi_sdata.h',
    `#ifndef SHIM_AP_AXI_SDATA_H
#define SHIM_AP_AXI_SDATA_H
#include "ap_int.h"
template <int D, int U, int TI, int TD> struct ap_axiu {
  ap_uint<D> data;
  ap_uint<D / 8> keep, strb;
  ap_uint<1> last;
};
#endif
`,
  ],
  [
    'hls_stream.h',
    `#ifndef SHIM_HLS_STREAM_H
#define SHIM_HLS_STREAM_H
#include <cstdlib>
#include <deque>
namespace hls {
template <class T> class stream {
 public:
  stream() = default;
  T read() {
    if (queue.empty()) std::abort();
    T first = queue.front();
    queue.pop_front();
    return first;
  }
  void write(const T &x) { queue.push_back(x); }
  bool empty() const { return queue.empty(); }

 private:
  stream(const stream &);
  stream &operator=(const stream &);
  std::deque<T> queue;
};
}  // namespace hls
#endif
`,
  ],
]);
