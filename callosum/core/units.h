#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace callosum {

/// Exponents of the seven SI base units in twelfths, so that halves, thirds and quarters are exact
/// (white noise has dimension second**-0.5).
class Dimension {
 public:
  enum Base { metre, kilogram, second, ampere, kelvin, mole, candela };
  constexpr Dimension() = default;
  /// Whole exponents of m, kg, s, A, K, mol, cd.
  constexpr explicit Dimension(std::array<int, 7> exponents) {
    for (int i = 0; i < 7; ++i) twelfths_[i] = static_cast<std::int16_t>(12 * exponents[i]);
  }
  constexpr bool none() const { return *this == Dimension(); }
  constexpr double exponent(Base b) const { return twelfths_[b] / 12.0; }
  constexpr Dimension operator*(Dimension o) const { return combined(o, 1); }
  constexpr Dimension operator/(Dimension o) const { return combined(o, -1); }
  /// Raised to `power`; throws UnitError when an exponent is no multiple of 1/12.
  Dimension pow(double power) const;
  constexpr auto operator<=>(const Dimension&) const = default;

  /// Value of one SI unit of this dimension in internal units (ms, mV, pA, nS, pF, um, mM).
  /// The internal system is coherent: products need no factors.
  double internal_scale() const;
  /// "mV", "nS", "1/ms", or base units where no name fits: the unit of the internal number.
  std::string internal_name() const;
  /// "volt", "siemens", or base units: for messages.
  std::string name() const;

 private:
  constexpr Dimension combined(Dimension o, int sign) const {
    Dimension r;
    for (int i = 0; i < 7; ++i)
      r.twelfths_[i] = static_cast<std::int16_t>(twelfths_[i] + sign * o.twelfths_[i]);
    return r;
  }
  std::array<std::int16_t, 7> twelfths_{};
};

namespace dimension {
inline constexpr Dimension one{};
inline constexpr Dimension length{{1, 0, 0, 0, 0, 0, 0}};
inline constexpr Dimension mass{{0, 1, 0, 0, 0, 0, 0}};
inline constexpr Dimension time{{0, 0, 1, 0, 0, 0, 0}};
inline constexpr Dimension current{{0, 0, 0, 1, 0, 0, 0}};
inline constexpr Dimension temperature{{0, 0, 0, 0, 1, 0, 0}};
inline constexpr Dimension amount{{0, 0, 0, 0, 0, 1, 0}};
inline constexpr Dimension frequency{{0, 0, -1, 0, 0, 0, 0}};
inline constexpr Dimension voltage{{2, 1, -3, -1, 0, 0, 0}};
inline constexpr Dimension conductance{{-2, -1, 3, 2, 0, 0, 0}};
inline constexpr Dimension resistance{{2, 1, -3, -2, 0, 0, 0}};
inline constexpr Dimension capacitance{{-2, -1, 4, 2, 0, 0, 0}};
inline constexpr Dimension charge{{0, 0, 1, 1, 0, 0, 0}};
inline constexpr Dimension concentration{{-3, 0, 0, 0, 0, 1, 0}};
}  // namespace dimension

/// A number in SI units with its dimension. Lives only at the edges of the library: inside are
/// plain numbers in internal units.
struct Quantity {
  double si = 0;
  Dimension dimension;

  constexpr Quantity() = default;
  constexpr Quantity(double number) : si(number) {}  // NOLINT: a plain number is a quantity
  constexpr Quantity(double value, Dimension d) : si(value), dimension(d) {}

  /// The number in internal units. Decimal units move the decimal point only: what the user wrote
  /// as -70 mV is -70, not -70.000000000000014.
  double internal() const;
  static Quantity from_internal(double value, Dimension d);
  constexpr Quantity operator*(Quantity o) const { return {si * o.si, dimension * o.dimension}; }
  constexpr Quantity operator/(Quantity o) const { return {si / o.si, dimension / o.dimension}; }
  constexpr Quantity operator-() const { return {-si, dimension}; }
  Quantity operator+(Quantity o) const;  ///< throws UnitError when dimensions differ
  Quantity operator-(Quantity o) const;  ///< throws UnitError when dimensions differ
  constexpr bool operator==(const Quantity&) const = default;
};

/// The unit called `name`: "mV", "volt", "nsiemens", "Hz", "um2" (Brian2's spelling of powers)...
/// Throws NameError with the nearest unit name.
Quantity unit(std::string_view name);
/// Whether `name` is a unit, and what it is worth.
bool find_unit(std::string_view name, Quantity& out);
/// "20 ms", "-70mV", "0.5", "8 1/s", "1.5 nS/cm2", "2*mV". Factors are taken from left to right;
/// "10 mV / 2 ms" is refused as ambiguous. Throws SyntaxError, NameError.
Quantity parse_quantity(std::string_view text);
/// Shortest text that parses back to the same quantity, in a unit a person would choose.
std::string to_string(Quantity q);

/// The value in internal units; UnitError naming `where` unless the dimension is `expected`.
double internal_value(Quantity q, Dimension expected, std::string_view where);

namespace literals {
#define CALLOSUM_LITERAL(suffix, scale, dim)                                             \
  constexpr Quantity operator""_##suffix(long double v) {                                \
    return {static_cast<double>(v * (scale)), dimension::dim};                           \
  }                                                                                      \
  constexpr Quantity operator""_##suffix(unsigned long long v) {                         \
    return {static_cast<double>(static_cast<long double>(v) * (scale)), dimension::dim}; \
  }
CALLOSUM_LITERAL(s, 1.0L, time)
CALLOSUM_LITERAL(ms, 1e-3L, time)
CALLOSUM_LITERAL(us, 1e-6L, time)
CALLOSUM_LITERAL(Hz, 1.0L, frequency)
CALLOSUM_LITERAL(kHz, 1e3L, frequency)
CALLOSUM_LITERAL(V, 1.0L, voltage)
CALLOSUM_LITERAL(mV, 1e-3L, voltage)
CALLOSUM_LITERAL(uV, 1e-6L, voltage)
CALLOSUM_LITERAL(A, 1.0L, current)
CALLOSUM_LITERAL(uA, 1e-6L, current)
CALLOSUM_LITERAL(nA, 1e-9L, current)
CALLOSUM_LITERAL(pA, 1e-12L, current)
CALLOSUM_LITERAL(mS, 1e-3L, conductance)
CALLOSUM_LITERAL(uS, 1e-6L, conductance)
CALLOSUM_LITERAL(nS, 1e-9L, conductance)
CALLOSUM_LITERAL(pS, 1e-12L, conductance)
CALLOSUM_LITERAL(Mohm, 1e6L, resistance)
CALLOSUM_LITERAL(uF, 1e-6L, capacitance)
CALLOSUM_LITERAL(nF, 1e-9L, capacitance)
CALLOSUM_LITERAL(pF, 1e-12L, capacitance)
CALLOSUM_LITERAL(um, 1e-6L, length)
CALLOSUM_LITERAL(mm, 1e-3L, length)
CALLOSUM_LITERAL(mM, 1.0L, concentration)
#undef CALLOSUM_LITERAL
}  // namespace literals

}  // namespace callosum
