#pragma once

#include "callosum/core/elementary.h"

/// x ** y; see elementary.h.
namespace callosum::elementary {

/// log(x) of a positive normal number as a pair, relative error below 2**-64 (float: 2**-34).
template <class A>
Pair<typename A::Real> log_pair(Kit<A>& m, typename A::Real x) {
  auto& a = m.a;
  const auto red = reduce_log(m, x);
  // log(1 + f) = 2 s + (2/3) s**3 + s**5 (2/5 + ...), s = f / (2 + f); the first two in pairs.
  const auto under = m.fast_sum(a.constant(2), red.f);
  auto s = m.quotient({red.f, a.constant(0)}, under);
  s = m.fast_sum(s.hi, s.lo);
  const auto z = m.product(s, s);
  const Pair<typename A::Real> two_thirds{m.constant(tables::two_thirds_hi),
                                          m.constant(tables::two_thirds_lo)};
  const auto cubic = m.product(m.product(s, z), two_thirds);
  const auto fifth = a.mul(a.mul(s.hi, z.hi), z.hi);
  const auto tail = a.mul(fifth, m.polynomial(z.hi, tables::log_tail));
  const auto line = m.times(s.hi, 2);
  const auto near = m.fast_sum(line, cubic.hi);
  auto low = a.add(near.lo, cubic.lo);
  low = a.add(low, m.times(s.lo, 2));
  low = a.add(low, tail);
  const auto k_hi = m.product(red.k, m.constant(tables::ln2_hi));
  const auto total = m.fast_sum(k_hi.hi, near.hi);
  low = a.add(low, k_hi.lo);
  low = a.fma(red.k, m.constant(tables::ln2_lo), low);
  low = a.add(low, total.lo);
  return m.fast_sum(total.hi, low);
}

/// x ** y as C's pow: a negative x needs a whole y; x ** 0 = 1 ** y = 1, also for NaN.
/// Whole powers of small size are better written as products.
template <class A>
typename A::Real power(A& a, typename A::Real x, typename A::Real y) {
  Kit<A> m(a);
  const auto zero = a.constant(0);
  const auto one = a.constant(1);
  const auto size = a.abs(x);
  const auto log = log_pair(m, size);
  const auto t = a.mul(y, log.hi);
  const auto lost = a.fma(y, log.hi, a.neg(t));
  const auto t_low = a.fma(y, log.lo, lost);
  const auto red = reduce_exp(m, t);
  const auto r = m.sum(red.r, a.add(red.r_low, t_low));
  const auto q = m.polynomial(r.hi, tables::exp);
  const auto square = a.mul(r.hi, r.hi);
  const auto bend = a.fma(square, q, r.lo);
  auto value = m.plus(a.add(r.hi, bend), 1);
  value = a.mul(value, red.scale);
  value = a.mul(value, m.plus(red.rest, 1));
  const auto top = m.constant(tables::exp_top);
  value = m.where_less(top, t, m.infinity(), value);
  const auto bottom = m.constant(tables::exp_bottom);
  value = m.where_less(t, bottom, zero, value);

  // |x| = 0 or infinity: 0 where x and y pull down, infinity where they pull up.
  const auto none = a.less(size, m.smallest());
  const auto rising = a.less(zero, y);
  const auto infinity = m.infinity();
  const auto of_none = a.select(rising, zero, infinity);
  value = a.select(none, of_none, value);
  const auto endless = a.equal(size, infinity);
  const auto of_endless = a.select(rising, infinity, zero);
  value = a.select(endless, of_endless, value);

  const auto whole = a.equal(a.floor(y), y);
  const auto half = m.times(y, 0.5);
  const auto even = a.equal(a.floor(half), half);
  const auto negative = a.less(x, zero);
  const auto of_negative = a.select(even, value, a.neg(value));
  const auto fraction = a.select(whole, of_negative, m.nan());
  value = a.select(negative, fraction, value);

  const auto x_is_number = a.equal(x, x);
  const auto y_is_number = a.equal(y, y);
  const auto numbers = a.logical_and(x_is_number, y_is_number);
  value = a.select(numbers, value, m.nan());
  const auto flat = a.equal(y, zero);
  const auto unit = a.equal(x, one);
  const auto is_one = a.logical_or(flat, unit);
  return a.select(is_one, one, value);
}

}  // namespace callosum::elementary
