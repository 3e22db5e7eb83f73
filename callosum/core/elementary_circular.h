#pragma once

#include "callosum/core/elementary.h"

/// Circular and hyperbolic functions and their inverses; see elementary.h.
namespace callosum::elementary {

/// sin and cos of x less its nearest multiple of pi/2, as pairs, and that multiple modulo 4.
template <class A>
struct Circular {
  Pair<typename A::Real> sine, cosine;
  typename A::Real quadrant;
};

template <class A>
Circular<A> reduce_circular(Kit<A>& m, typename A::Real x) {
  auto& a = m.a;
  const auto bound = m.constant(0x1p22, 0x1p45);
  const auto inside = a.less(a.abs(x), bound);
  x = a.select(inside, x, m.nan());
  const auto n = a.round(a.mul(x, m.constant(tables::two_over_pi)));
  const auto back = a.neg(n);
  const auto first = a.fma(back, m.constant(tables::half_pi_1), x);
  const auto half_pi_2 = m.constant(tables::half_pi_2);
  const auto second = m.product(back, half_pi_2);
  const auto near = m.sum(first, second.hi);
  const auto r = near.hi;
  auto low = a.add(near.lo, second.lo);
  low = a.fma(back, m.constant(tables::half_pi_3), low);

  const auto z = a.mul(r, r);
  const auto cube = a.mul(z, r);
  const auto half = m.times(z, 0.5);
  // sin(r + low) = r + r**3 S + low cos(r), cos(r + low) = 1 - z/2 + z**2 C - low sin(r).
  const auto slope = a.sub(a.constant(1), half);
  const auto turned = a.mul(low, slope);
  const auto sine_low = a.fma(cube, m.polynomial(z, tables::sin), turned);
  const auto one_less = m.fast_sum(a.constant(1), a.neg(half));
  const auto fourth_power = a.mul(z, z);
  auto cosine_low = a.fma(fourth_power, m.polynomial(z, tables::cos), one_less.lo);
  cosine_low = a.fma(a.neg(low), r, cosine_low);
  const auto turns = a.floor(m.times(n, 0.25));
  const auto quadrant = a.fma(turns, a.constant(-4), n);
  return {m.fast_sum(r, sine_low), m.fast_sum(one_less.hi, cosine_low), quadrant};
}

/// sin(x) for turn 0, cos(x) for turn 1.
template <class A>
typename A::Real sine_from(Kit<A>& m, typename A::Real x, int turn) {
  auto& a = m.a;
  const auto c = reduce_circular(m, x);
  const auto is = [&](double quadrant) { return a.equal(c.quadrant, a.constant(quadrant)); };
  const auto q1 = is((5 - turn) % 4);
  const auto q2 = is((6 - turn) % 4);
  const auto q3 = is((7 - turn) % 4);
  const auto across = a.logical_or(q1, q3);
  const auto value = a.select(across, c.cosine.hi, c.sine.hi);
  const auto below = a.logical_or(q2, q3);
  return a.select(below, a.neg(value), value);
}

template <class A>
typename A::Real sin(A& a, typename A::Real x) {
  Kit<A> m(a);
  return sine_from(m, x, 0);
}

template <class A>
typename A::Real cos(A& a, typename A::Real x) {
  Kit<A> m(a);
  return sine_from(m, x, 1);
}

template <class A>
typename A::Real tan(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto c = reduce_circular(m, x);
  const auto q1 = a.equal(c.quadrant, a.constant(1));
  const auto q3 = a.equal(c.quadrant, a.constant(3));
  const auto across = a.logical_or(q1, q3);
  const auto choose = [&](typename A::Real yes, typename A::Real no) {
    return a.select(across, yes, no);
  };
  const auto minus_hi = a.neg(c.cosine.hi);
  const auto minus_lo = a.neg(c.cosine.lo);
  const auto over_hi = choose(minus_hi, c.sine.hi);
  const auto over_lo = choose(minus_lo, c.sine.lo);
  const auto under_hi = choose(c.sine.hi, c.cosine.hi);
  const auto under_lo = choose(c.sine.lo, c.cosine.lo);
  return m.value(m.quotient({over_hi, over_lo}, {under_hi, under_lo}));
}

template <class A>
typename A::Real tanh(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto size = a.abs(x);
  const auto far = m.constant(10, 20);
  const auto held = m.where_less(far, size, far, size);
  const auto e = expm1_parts(m, m.times(held, 2)).value;
  const auto under = m.sum(e.hi, a.constant(2));
  const auto low = a.add(under.lo, e.lo);
  const auto y = m.value(m.quotient(e, {under.hi, low}));
  return m.with_sign_of(x, y);
}

template <class A>
typename A::Real sinh(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto size = a.abs(x);
  const auto parts = expm1_parts(m, size);
  const auto e = parts.value;
  const auto share = a.div(e.hi, m.plus(e.hi, 1));
  auto y = m.times(a.add(e.hi, a.add(share, e.lo)), 0.5);
  y = a.mul(y, a.power_of_two(a.minimum(parts.rest, a.constant(4))));
  const auto top = m.constant(tables::sinh_top);
  y = m.where_less(top, size, m.infinity(), y);
  return m.with_sign_of(x, y);
}

template <class A>
typename A::Real cosh(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto size = a.abs(x);
  const auto parts = expm1_parts(m, size);
  const auto e = m.fast_sum(m.plus(parts.value.hi, 1), parts.value.lo);
  const auto half = m.times(e.hi, 0.5);
  auto y = a.add(half, a.div(a.constant(0.5), e.hi));
  y = a.mul(y, a.power_of_two(a.minimum(parts.rest, a.constant(4))));
  const auto top = m.constant(tables::sinh_top);
  return m.where_less(top, size, m.infinity(), y);
}

template <class A>
typename A::Real arctan(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto far = a.constant(0x1p100);
  const auto near = a.abs(x);
  const auto size = m.where_less(far, near, far, near);
  // Turned by 0, pi/4 or pi/2 so that the rest has a tangent of at most sqrt(2) - 1.
  const auto turned = a.less(m.constant(tables::sqrt_2_less_1), size);
  const auto across = a.less(m.constant(tables::sqrt_2_plus_1), size);
  const auto one = a.constant(1);
  const auto zero = a.constant(0);
  const auto less = m.sum(size, a.constant(-1));
  const auto more = m.sum(size, one);
  const auto choose = [&](typename A::Real full, typename A::Real part, typename A::Real none) {
    return a.select(across, full, a.select(turned, part, none));
  };
  const auto over_hi = choose(a.constant(-1), less.hi, size);
  const auto over_lo = choose(zero, less.lo, zero);
  const auto under_hi = choose(size, more.hi, one);
  const auto under_lo = choose(zero, more.lo, zero);
  const auto quarter = m.constant(tables::quarter_pi_hi);
  const auto base_hi = choose(m.times(quarter, 2), quarter, zero);
  const auto quarter_lo = m.constant(tables::quarter_pi_lo);
  const auto base_lo = choose(m.times(quarter_lo, 2), quarter_lo, zero);
  const auto t = m.quotient({over_hi, over_lo}, {under_hi, under_lo});
  const auto y = m.fast_sum(t.hi, t.lo);
  const auto z = a.mul(y.hi, y.hi);
  const auto slope_low = a.fma(a.neg(z), y.lo, y.lo);
  const auto rest = a.add(base_lo, slope_low);
  const auto cube = a.mul(z, y.hi);
  const auto low = a.fma(cube, m.polynomial(z, tables::atan), rest);
  const auto base = m.fast_sum(base_hi, y.hi);
  const auto result = a.add(base.hi, a.add(base.lo, low));
  return m.with_sign_of(x, result);
}

/// asin(r) = r + r * bend for r = |x| up to 1/2, r = sqrt((1 - |x|) / 2) above it.
template <class A>
struct ArcReduction {
  typename A::Real r, bend;
  typename A::Bool outer;
};

template <class A>
ArcReduction<A> reduce_arc(Kit<A>& m, typename A::Real size) {
  auto& a = m.a;
  const auto half = a.constant(0.5);
  const auto outer = a.less(half, size);
  const auto from_end = a.fma(a.neg(size), half, half);
  const auto square = a.mul(size, size);
  const auto z = a.select(outer, from_end, square);
  const auto r = a.select(outer, a.sqrt(z), size);
  return {r, a.mul(z, m.polynomial(z, tables::asin)), outer};
}

/// NaN outside [-1, 1].
template <class A>
typename A::Real arcsin(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto red = reduce_arc(m, a.abs(x));
  const auto inner = a.fma(red.r, red.bend, red.r);
  const auto twice = m.times(red.r, -2);
  const auto rest = a.fma(twice, red.bend, m.constant(tables::half_pi_2));
  const auto end = m.fast_sum(m.constant(tables::half_pi_1), twice);
  const auto outer = a.add(end.hi, a.add(end.lo, rest));
  return m.with_sign_of(x, a.select(red.outer, outer, inner));
}

/// NaN outside [-1, 1].
template <class A>
typename A::Real arccos(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto red = reduce_arc(m, a.abs(x));
  const auto zero = a.constant(0);
  const auto right = a.less(zero, x);
  const auto r = a.select(right, red.r, a.neg(red.r));
  // Inner: pi/2 - asin(x). Outer: 2 asin(r) on the right, pi - 2 asin(r) on the left.
  const auto half_hi = m.constant(tables::half_pi_1);
  const auto half_lo = m.constant(tables::half_pi_2);
  const auto inner_low = a.fma(a.neg(r), red.bend, half_lo);
  const auto inner_sum = m.fast_sum(half_hi, a.neg(r));
  const auto inner = a.add(inner_sum.hi, a.add(inner_sum.lo, inner_low));
  const auto twice = m.times(r, 2);
  const auto right_outer = a.fma(twice, red.bend, twice);
  const auto left_low = a.fma(twice, red.bend, m.times(half_lo, 2));
  const auto left_sum = m.fast_sum(m.times(half_hi, 2), twice);
  const auto left_outer = a.add(left_sum.hi, a.add(left_sum.lo, left_low));
  const auto outer = a.select(right, right_outer, left_outer);
  return a.select(red.outer, outer, inner);
}

}  // namespace callosum::elementary
