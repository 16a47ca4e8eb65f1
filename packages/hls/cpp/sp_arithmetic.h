// Exact arithmetic between tensors or lists, with constants, and along axes. y's type holds every result.
#ifndef SP_ARITHMETIC_H
#define SP_ARITHMETIC_H

#include "sp_join.h"
#include "sp_list.h"

namespace sp {

struct op_add {
  template <class CONFIG, class Y, class A, class B> static Y apply(const A &a, const B &b) {
    SP_HLS(INLINE)
    return Y(a + b);
  }
};
struct op_sub {
  template <class CONFIG, class Y, class A, class B> static Y apply(const A &a, const B &b) {
    SP_HLS(INLINE)
    return Y(a - b);
  }
};
struct op_mul {
  template <class CONFIG, class Y, class A, class B> static Y apply(const A &a, const B &b) {
    SP_HLS(INLINE)
    return Y(a * b);
  }
};
// Operands of different types are compared in CONFIG::compare_t, which holds both.
struct op_max {
  template <class CONFIG, class Y, class A, class B> static Y apply(const A &a, const B &b) {
    SP_HLS(INLINE)
    return typename CONFIG::compare_t(a) < typename CONFIG::compare_t(b) ? Y(b) : Y(a);
  }
};
struct op_min {
  template <class CONFIG, class Y, class A, class B> static Y apply(const A &a, const B &b) {
    SP_HLS(INLINE)
    return typename CONFIG::compare_t(a) < typename CONFIG::compare_t(b) ? Y(a) : Y(b);
  }
};

// Two tensors. CONFIG: size; left(j), right(j): the operands' elements for result j.
template <class CONFIG, class OP, class A, class B, class Y> void binary(const A *a, const B *b, Y y[CONFIG::size]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < CONFIG::size; ++j) {
    SP_HLS(UNROLL)
    y[j] = OP::template apply<CONFIG, Y>(a[CONFIG::left(j)], b[CONFIG::right(j)]);
  }
}

// Two lists with the same pixels. CONFIG: left(c), right(c): the operands' channels for channel c.
template <class CONFIG, class OP, class A, class B, class Y> void binary_list(const A &a, const B &b, Y &y) {
  SP_HLS(PIPELINE)
  copy_pixels(a, y);
  for (int s = 0; s < Y::slots; ++s) {
    SP_HLS(UNROLL)
    for (int c = 0; c < Y::channels; ++c) {
      SP_HLS(UNROLL)
      y.feature[s * Y::channels + c] = OP::template apply<CONFIG, typename Y::feature_t>(
          a.feature[s * A::channels + CONFIG::left(c)], b.feature[s * B::channels + CONFIG::right(c)]);
    }
  }
}

// Any function of each number and its place. CONFIG: size, channels; apply(j, c, x) is element j of the result, in channel c.
template <class CONFIG, class X, class Y> void map(const X x[CONFIG::size], Y y[CONFIG::size]) {
  SP_HLS(PIPELINE)
  for (int j = 0; j < CONFIG::size; ++j) {
    SP_HLS(UNROLL)
    y[j] = CONFIG::apply(j, j % CONFIG::channels, x[j]);
  }
}

// The same on the valid slots of a list, with c for j.
template <class CONFIG, class X, class Y> void map_list(const X &x, Y &y) {
  SP_HLS(PIPELINE)
  copy_pixels(x, y);
  for (int s = 0; s < X::slots; ++s) {
    SP_HLS(UNROLL)
    for (int c = 0; c < X::channels; ++c) {
      SP_HLS(UNROLL)
      const int j = s * X::channels + c;
      y.feature[j] = x.valid[s] ? CONFIG::apply(c, c, x.feature[j]) : typename Y::feature_t(0);
    }
  }
}

// Sums of products of two tensors: y[o] = sum over t of a[a_out(o) + a_term(t)] * b[b_out(o) + b_term(t)].
//
// CONFIG: size, terms, parallel (divides size), the four index functions.
template <class CONFIG, class A, class B, class Y> void einsum(const A *a, const B *b, Y y[CONFIG::size]) {
  SP_LOOP(Outputs)
  for (int first = 0; first < CONFIG::size; first += CONFIG::parallel) {
    SP_HLS(PIPELINE II=1)
    for (int o = first; o < first + CONFIG::parallel; ++o) {
      SP_HLS(UNROLL)
      Y sum = Y(0);
      for (int t = 0; t < CONFIG::terms; ++t) {
        SP_HLS(UNROLL)
        sum += a[CONFIG::a_out(o) + CONFIG::a_term(t)] * b[CONFIG::b_out(o) + CONFIG::b_term(t)];
      }
      y[o] = sum;
    }
  }
}

// Sum, largest or smallest of `terms` numbers: y[o] over x[out(o) + term(t)].
//
// CONFIG: size, terms, out(o), term(t), sum_t; join(sum, x, first), finish(sum) as for pooling.
template <class CONFIG, class X, class Y> void over_axes(const X *x, Y y[CONFIG::size]) {
  SP_HLS(PIPELINE)
  for (int o = 0; o < CONFIG::size; ++o) {
    SP_HLS(UNROLL)
    typename CONFIG::sum_t sum = typename CONFIG::sum_t(0);
    for (int t = 0; t < CONFIG::terms; ++t) {
      SP_HLS(UNROLL)
      sum = CONFIG::join(sum, x[CONFIG::out(o) + CONFIG::term(t)], t == 0);
    }
    y[o] = CONFIG::template finish<Y>(sum);
  }
}

}  // namespace sp

#endif
