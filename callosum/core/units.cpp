#include "callosum/core/units.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "callosum/core/decimal.h"
#include "callosum/core/elementary.h"
#include "callosum/core/error.h"
#include "callosum/core/unit_table.h"

namespace callosum {
namespace {

/// Decimal exponent of one SI unit of each base dimension in internal units, in the order of
/// Dimension::Base: um, ng, ms, pA, K, amol (so that one mM is one internal unit), cd.
constexpr std::array<int, 7> internal_exponents{6, 12, 3, 12, 0, 18, 0};

/// log10 of Dimension::internal_scale.
double internal_exponent(Dimension d) {
  double exponent = 0;
  for (int i = 0; i < 7; ++i)
    exponent += internal_exponents[i] * d.exponent(static_cast<Dimension::Base>(i));
  return exponent;
}

/// value * 10**exponent; whole exponents move the decimal point.
double scaled(double value, double exponent) {
  const double whole = std::nearbyint(exponent);
  if (std::fabs(exponent - whole) < 1e-9) return decimal::shifted(value, static_cast<int>(whole));
  elementary::ScalarArithmetic<double> a;
  return value * elementary::power(a, 10.0, exponent);
}

std::string exponent_text(double power) {
  const auto d = decimal::digits(power);
  // Thirds have no short decimal form.
  return d.digits.size() > 6 ? "(" + decimal::text(decimal::digits(power * 12), 0) + "/12)"
                             : decimal::text(d, 0);
}

std::string product_of(Dimension d, const std::array<std::string_view, 7>& names) {
  std::string out;
  for (int i = 0; i < 7; ++i) {
    const double power = d.exponent(static_cast<Dimension::Base>(i));
    if (power == 0) continue;
    if (!out.empty()) out += "*";
    out += names[i];
    if (power != 1) out += "**" + exponent_text(power);
  }
  return out.empty() ? "1" : out;
}

constexpr std::array<std::string_view, 7> si_names{"metre",  "kilogram", "second", "ampere",
                                                   "kelvin", "mole",     "candela"};
constexpr std::array<std::string_view, 7> internal_names{"um", "ng", "ms", "pA", "K", "amol", "cd"};

struct Named {
  std::string_view name;
  Dimension dimension;
};

[[noreturn]] void differing(Dimension a, Dimension b, const char* what) {
  throw UnitError({.what = what, .got = b.name(), .expected = a.name()});
}

}  // namespace

Dimension Dimension::pow(double power) const {
  Dimension r;
  for (int i = 0; i < 7; ++i) {
    const double exact = twelfths_[i] * power;
    const double whole = std::nearbyint(exact);
    if (!(std::fabs(exact - whole) < 1e-6 && std::fabs(whole) < 32768))
      throw UnitError({.what = "a unit cannot be raised to this power",
                       .got = name() + " ** " + exponent_text(power),
                       .expected = "exponents of the base units that are multiples of 1/12"});
    r.twelfths_[i] = static_cast<std::int16_t>(whole);
  }
  return r;
}

double Dimension::internal_scale() const { return scaled(1.0, internal_exponent(*this)); }

std::string Dimension::name() const {
  if (none()) return "1";
  for (const auto& unit : units::named)
    if (unit.dimension == *this) return std::string(unit.name);
  // The inverse of a name, or a name per or times time, says more than base units.
  for (const auto& unit : units::named) {
    const std::string text(unit.name);
    if (dimension::one / unit.dimension == *this) return "1/" + text;
    if (unit.dimension / dimension::time == *this) return text + "/second";
    if (unit.dimension * dimension::time == *this) return text + "*second";
    if (unit.dimension / dimension::length / dimension::length == *this) return text + "/metre**2";
    if (unit.dimension * unit.dimension == *this) return text + "**2";
  }
  return product_of(*this, si_names);
}

std::string Dimension::internal_name() const {
  if (none()) return "1";
  const std::array<Named, 12> names{{{"ms", dimension::time},
                                     {"mV", dimension::voltage},
                                     {"pA", dimension::current},
                                     {"nS", dimension::conductance},
                                     {"pF", dimension::capacitance},
                                     {"Gohm", dimension::resistance},
                                     {"um", dimension::length},
                                     {"mM", dimension::concentration},
                                     {"fC", dimension::charge},
                                     {"K", dimension::temperature},
                                     {"amol", dimension::amount},
                                     {"ng", dimension::mass}}};
  for (const auto& a : names)
    if (a.dimension == *this) return std::string(a.name);
  for (const auto& a : names) {
    const std::string name(a.name);
    if (dimension::one / a.dimension == *this) return "1/" + name;
    for (double power : {2.0, 3.0, 0.5, -0.5, -2.0})
      if (a.dimension.pow(power * 1.0) == *this) return name + "**" + exponent_text(power);
  }
  for (const auto& a : names)
    for (const auto& b : names) {
      const std::string left(a.name), right(b.name);
      if (a.dimension / b.dimension == *this) return left + "/" + right;
      if (a.dimension * b.dimension == *this) return left + "*" + right;
      if (a.dimension / (b.dimension * b.dimension) == *this) return left + "/" + right + "**2";
      if (dimension::one / (a.dimension * b.dimension) == *this)
        return "1/(" + left + "*" + right + ")";
    }
  return product_of(*this, internal_names);
}

double Quantity::internal() const { return scaled(si, internal_exponent(dimension)); }

Quantity Quantity::from_internal(double value, Dimension d) {
  return {scaled(value, -internal_exponent(d)), d};
}

Quantity Quantity::operator+(Quantity o) const {
  if (dimension != o.dimension) differing(dimension, o.dimension, "units of a sum differ");
  return {si + o.si, dimension};
}

Quantity Quantity::operator-(Quantity o) const {
  if (dimension != o.dimension) differing(dimension, o.dimension, "units of a difference differ");
  return {si - o.si, dimension};
}

std::string to_string(Quantity q) {
  const auto suffix = [](std::string_view unit) {
    return unit.empty() ? std::string() : " " + std::string(unit);
  };
  if (!std::isfinite(q.si)) {
    const std::string number = std::isnan(q.si) ? "nan" : q.si > 0 ? "inf" : "-inf";
    return q.dimension.none() ? number : number + suffix(product_of(q.dimension, si_names));
  }
  const auto digits = decimal::digits(q.si);
  if (q.dimension.none()) return decimal::text(digits, 0);
  const units::Choice* best = nullptr;
  int best_cost = std::numeric_limits<int>::max();
  for (const auto& choice : units::choices) {
    if (choice.dimension != q.dimension) continue;
    // Places before the decimal point: 1 to 3 read well; 0.1 ms reads better than 100 us.
    const int places = q.si == 0 ? 1 : digits.point - choice.exponent;
    int outside = std::max(1 - places, places - 3);
    if (places <= 0 && choice.preferred) --outside;
    const int cost = 2 * std::max(outside, 0) - choice.preferred;
    if (cost < best_cost) {
      best_cost = cost;
      best = &choice;
    }
  }
  if (best) return decimal::text(digits, -best->exponent) + suffix(best->name);
  return decimal::text(digits, 0) + suffix(product_of(q.dimension, si_names));
}

double internal_value(Quantity q, Dimension expected, std::string_view where) {
  if (q.dimension != expected)
    throw UnitError({.where = std::string(where),
                     .what = "wrong unit",
                     .got = to_string(q) + (q.dimension.none() ? " (a plain number)" : ""),
                     .expected = expected.none() ? "a plain number" : expected.name()});
  return q.internal();
}

}  // namespace callosum
