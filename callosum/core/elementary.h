#pragma once

#include <initializer_list>
#include <span>

#include "callosum/core/elementary_tables.h"
#include "callosum/core/scalar_arithmetic.h"

/// The elementary functions, written once over an arithmetic `A`: with ScalarArithmetic<T> they
/// compute numbers, with a program builder they write SSA code. They use nothing but the primitives
/// listed in ScalarArithmetic, take no branches and read no tables, so that a result depends
/// neither on libm nor on vector width.
///
/// Accuracy: at most 2 units in the last place from the correctly rounded result, in float and in
/// double (tests/core/elementary_test.cpp measures it). NaN gives NaN. Subnormal arguments count as
/// zero and results below the normal range are zero. sin, cos and tan hold this bound for
/// |x| <= 1e5 (float) or 1e9 (double), grow worse beyond, and are NaN from 2^22 (float) or 2^45
/// (double) on, where neighbouring arguments are too far apart to have a phase.
///
/// Methods: Cody-Waite reduction with fused multiply-add, where the first product is exact; minimax
/// polynomials; W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980);
/// J.-M. Muller, Elementary Functions (2016), for sums and products in pairs.
namespace callosum::elementary {

/// A value held as the unevaluated sum hi + lo, |lo| at most about an ulp of hi.
template <class Real>
struct Pair {
  Real hi, lo;
};

/// The operations of `A` with what all functions share: constants by precision and pairs.
/// Every call nests at most one operation in another: so the order of instructions that a program
/// builder sees does not depend on the compiler.
template <class A>
class Kit {
 public:
  using Real = typename A::Real;
  explicit Kit(A& a) : a(a), single(a.precision() == Precision::single) {}

  Real constant(double value) { return a.constant(value); }
  Real constant(double narrow, double wide) { return a.constant(single ? narrow : wide); }
  Real constant(const tables::Constant& c) { return constant(c.narrow, c.wide); }
  Real plus(Real x, double c) { return a.add(x, a.constant(c)); }
  Real times(Real x, double c) { return a.mul(x, a.constant(c)); }

  /// c[0] + c[1] x + ... by Horner's rule.
  Real polynomial(Real x, const tables::Polynomial& p) {
    const auto c = single ? p.narrow : p.wide;
    Real sum = a.constant(c.back());
    for (std::size_t i = c.size() - 1; i-- > 0;) sum = a.fma(sum, x, a.constant(c[i]));
    return sum;
  }
  /// x + y exactly, for |x| >= |y| or x = 0.
  Pair<Real> fast_sum(Real x, Real y) {
    const Real hi = a.add(x, y);
    return {hi, a.sub(y, a.sub(hi, x))};
  }
  /// x + y exactly.
  Pair<Real> sum(Real x, Real y) {
    const Real hi = a.add(x, y);
    const Real from_y = a.sub(hi, x);
    const Real lost_x = a.sub(x, a.sub(hi, from_y));
    return {hi, a.add(lost_x, a.sub(y, from_y))};
  }
  /// x * y exactly.
  Pair<Real> product(Real x, Real y) {
    const Real hi = a.mul(x, y);
    return {hi, a.fma(x, y, a.neg(hi))};
  }
  /// x * y, relative error of a few units of the square of the rounding error.
  Pair<Real> product(Pair<Real> x, Pair<Real> y) {
    const Real hi = a.mul(x.hi, y.hi);
    Real lo = a.fma(x.hi, y.hi, a.neg(hi));
    lo = a.fma(x.hi, y.lo, lo);
    lo = a.fma(x.lo, y.hi, lo);
    return fast_sum(hi, lo);
  }
  /// x / y with one division; y.hi not zero.
  Pair<Real> quotient(Pair<Real> x, Pair<Real> y) {
    const Real inverse = a.div(a.constant(1), y.hi);
    const Real q = a.mul(x.hi, inverse);
    const Real back = a.neg(q);
    Real rest = a.fma(back, y.hi, x.hi);
    rest = a.add(rest, x.lo);
    rest = a.fma(back, y.lo, rest);
    return {q, a.mul(rest, inverse)};
  }
  Real value(Pair<Real> x) { return a.add(x.hi, x.lo); }

  Real largest() { return constant(tables::largest); }
  Real smallest() { return constant(tables::smallest); }
  Real infinity() { return a.constant(std::numeric_limits<double>::infinity()); }
  Real nan() { return a.constant(std::numeric_limits<double>::quiet_NaN()); }
  /// `yes` where x < bound, else `no`; false for NaN.
  Real where_less(Real x, Real bound, Real yes, Real no) {
    return a.select(a.less(x, bound), yes, no);
  }
  /// The sign of `x` on a non-negative `magnitude`; x = 0 gives +magnitude.
  Real with_sign_of(Real x, Real magnitude) {
    const Real zero = a.constant(0);
    const Real negative = a.neg(magnitude);
    return where_less(x, zero, negative, magnitude);
  }

  A& a;
  const bool single;
};

/// x = k ln 2 + r.hi + r.lo with |r| <= ln(2)/2, and the pieces of 2**k that fit the range:
/// 2**k = scale * 2**rest, rest = 0 unless k is above the largest exponent.
template <class A>
struct ExpReduction {
  typename A::Real r, r_low, scale, rest;
};

template <class A>
ExpReduction<A> reduce_exp(Kit<A>& m, typename A::Real x) {
  auto& a = m.a;
  const auto k = a.round(a.mul(x, m.constant(tables::log2_e)));
  const auto back = a.neg(k);
  const auto exact = a.fma(back, m.constant(tables::ln2_hi), x);
  const auto ln2_lo = m.constant(tables::ln2_lo);
  const auto r = a.fma(back, ln2_lo, exact);
  const auto r_low = a.fma(back, ln2_lo, a.sub(exact, r));
  const auto top = a.minimum(k, m.constant(127, 1023));
  const auto held = a.maximum(top, m.constant(-126, -1022));
  return {r, r_low, a.power_of_two(held), a.sub(k, top)};
}

/// e**x; infinity above the largest number, 0 below the smallest normal one.
template <class A>
typename A::Real exp(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto red = reduce_exp(m, x);
  const auto q = m.polynomial(red.r, tables::exp);
  const auto square = a.mul(red.r, red.r);
  const auto p = m.plus(a.fma(square, q, red.r), 1);
  // `rest` is 0 or 1 here: 1 + rest is 2**rest.
  auto y = a.mul(p, red.scale);
  y = a.mul(y, m.plus(red.rest, 1));
  const auto top = m.constant(tables::exp_top);
  y = m.where_less(top, x, m.infinity(), y);
  const auto bottom = m.constant(tables::exp_bottom);
  return m.where_less(x, bottom, a.constant(0), y);
}

/// (e**x - 1) / 2**rest as a pair whose sum is good to about a tenth of an ulp.
template <class A>
struct Expm1Parts {
  Pair<typename A::Real> value;
  typename A::Real rest;
};

template <class A>
Expm1Parts<A> expm1_parts(Kit<A>& m, typename A::Real x) {
  auto& a = m.a;
  const auto red = reduce_exp(m, x);
  const auto q = m.polynomial(red.r, tables::exp);
  const auto square = a.mul(red.r, red.r);
  const auto bend = a.fma(square, q, red.r_low);
  // scale * (1 + r + bend) - 1 = (scale - 1) + scale * r + scale * bend; the first two lose
  // nothing.
  const auto whole = m.plus(red.scale, -1);
  const auto line = a.fma(red.scale, red.r, whole);
  const auto lost = a.fma(red.scale, red.r, a.neg(a.sub(line, whole)));
  const auto low = a.fma(red.scale, bend, lost);
  return {m.fast_sum(line, low), red.rest};
}

/// e**x - 1 without cancellation near 0.
template <class A>
typename A::Real expm1(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto parts = expm1_parts(m, x);
  auto y = a.mul(parts.value.hi, m.plus(parts.rest, 1));
  const auto top = m.constant(tables::exp_top);
  y = m.where_less(top, x, m.infinity(), y);
  const auto bottom = a.constant(-50);
  return m.where_less(x, bottom, a.constant(-1), y);
}

/// (e**x - 1) / x, 1 at x = 0: finite wherever the quotient is, also above exp's range.
template <class A>
typename A::Real exprel(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto parts = expm1_parts(m, x);
  const auto zero = a.constant(0);
  auto y = m.value(m.quotient(parts.value, {x, zero}));
  y = a.mul(y, a.power_of_two(a.minimum(parts.rest, a.constant(20))));
  const auto bottom = a.constant(-50);
  y = m.where_less(x, bottom, a.neg(a.div(a.constant(1), x)), y);
  const auto top = m.constant(tables::exprel_top);
  y = m.where_less(top, x, m.infinity(), y);
  const auto at_zero = a.equal(x, zero);
  return a.select(at_zero, a.constant(1), y);
}

/// x = 2**k * (1 + f), 1 + f in [sqrt(1/2), sqrt(2)]; f is exact.
template <class A>
struct LogReduction {
  typename A::Real k, f;
};

template <class A>
LogReduction<A> reduce_log(Kit<A>& m, typename A::Real x) {
  auto& a = m.a;
  const auto e = a.exponent(x);
  const auto g = a.mantissa(x);
  const auto above = a.less(m.constant(tables::sqrt_2), g);
  const auto k = a.select(above, m.plus(e, 1), e);
  const auto centred = a.select(above, m.times(g, 0.5), g);
  return {k, m.plus(centred, -1)};
}

/// log(1 + f) = f + the returned value (negative near half of f**2), |f| <= 0.4143. `extra` is
/// added before the last rounding.
template <class A>
typename A::Real log_bend(Kit<A>& m, typename A::Real f, typename A::Real extra) {
  auto& a = m.a;
  const auto s = a.div(f, m.plus(f, 2));
  const auto z = a.mul(s, s);
  const auto half_square = a.mul(m.times(f, 0.5), f);
  const auto tail = m.polynomial(z, tables::log);
  const auto inner = a.fma(z, tail, half_square);
  return a.sub(a.fma(s, inner, extra), half_square);
}

/// What a logarithm is outside the positive normal numbers, where `y` holds it inside.
template <class A>
typename A::Real log_ends(Kit<A>& m, typename A::Real x, typename A::Real y) {
  auto& a = m.a;
  const auto finite = a.less_equal(x, m.largest());
  y = a.select(finite, y, x);
  const auto smallest = m.smallest();
  y = m.where_less(x, smallest, a.neg(m.infinity()), y);
  const auto zero = a.constant(0);
  return m.where_less(x, zero, m.nan(), y);
}

/// Natural logarithm: -infinity at 0, NaN below.
template <class A>
typename A::Real log(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto red = reduce_log(m, x);
  const auto low = a.mul(red.k, m.constant(tables::ln2_lo));
  const auto t = a.add(red.f, log_bend(m, red.f, low));
  return log_ends(m, x, a.fma(red.k, m.constant(tables::ln2_hi), t));
}

/// log(1 + x) without cancellation near 0.
template <class A>
typename A::Real log1p(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto u = m.sum(a.constant(1), x);
  const auto red = reduce_log(m, u.hi);
  const auto back = a.neg(red.k);
  const auto down = a.maximum(back, a.constant(-100));
  const auto f = a.fma(u.lo, a.power_of_two(down), red.f);
  const auto low = a.mul(red.k, m.constant(tables::ln2_lo));
  const auto t = a.add(f, log_bend(m, f, low));
  const auto y = a.fma(red.k, m.constant(tables::ln2_hi), t);
  return log_ends(m, u.hi, y);
}

/// Logarithm to base 10.
template <class A>
typename A::Real log10(A& a, typename A::Real x) {
  Kit<A> m(a);
  const auto red = reduce_log(m, x);
  const auto bend = log_bend(m, red.f, a.constant(0));
  const auto log10_e = m.constant(tables::log10_e_hi);
  auto t = a.mul(red.f, m.constant(tables::log10_e_lo));
  t = a.fma(red.k, m.constant(tables::log10_2_lo), t);
  t = a.fma(bend, log10_e, t);
  t = a.fma(red.f, log10_e, t);
  return log_ends(m, x, a.fma(red.k, m.constant(tables::log10_2_hi), t));
}

}  // namespace callosum::elementary

#include "callosum/core/elementary_circular.h"
#include "callosum/core/elementary_power.h"
