#pragma once

#include <array>
#include <string_view>

#include "callosum/core/units.h"

/// The names of units: the SI's, as Brian2 spells them.
namespace callosum::units {

struct Unit {
  std::string_view name, symbol;
  Dimension dimension;
  int exponent = 0;  ///< value in SI units is 10**exponent
};

namespace detail {
constexpr Dimension d(int m, int kg, int s, int A = 0, int K = 0, int mol = 0, int cd = 0) {
  return Dimension({m, kg, s, A, K, mol, cd});
}
}  // namespace detail

/// Every name and symbol takes prefixes, except kilogram. American spellings and full forms of a
/// unit follow the one that messages use.
inline constexpr std::array named{
    Unit{"volt", "V", dimension::voltage},
    Unit{"ampere", "A", dimension::current},
    Unit{"siemens", "S", dimension::conductance},
    Unit{"farad", "F", dimension::capacitance},
    Unit{"second", "s", dimension::time},
    Unit{"hertz", "Hz", dimension::frequency},
    Unit{"ohm", "ohm", dimension::resistance},
    Unit{"metre", "m", dimension::length},
    Unit{"coulomb", "C", dimension::charge},
    Unit{"molar", "M", dimension::concentration, 3},
    Unit{"kilogram", "kg", dimension::mass},
    Unit{"kelvin", "K", dimension::temperature},
    Unit{"mole", "mol", dimension::amount},
    Unit{"candela", "cd", detail::d(0, 0, 0, 0, 0, 0, 1)},
    Unit{"newton", "N", detail::d(1, 1, -2)},
    Unit{"pascal", "Pa", detail::d(-1, 1, -2)},
    Unit{"joule", "J", detail::d(2, 1, -2)},
    Unit{"watt", "W", detail::d(2, 1, -3)},
    Unit{"weber", "Wb", detail::d(2, 1, -2, -1)},
    Unit{"tesla", "T", detail::d(0, 1, -2, -1)},
    Unit{"henry", "H", detail::d(2, 1, -2, -2)},
    Unit{"katal", "kat", detail::d(0, 0, -1, 0, 0, 1)},
    Unit{"gray", "Gy", detail::d(2, 0, -2)},
    Unit{"lux", "lx", detail::d(-2, 0, 0, 0, 0, 0, 1)},
    Unit{"litre", "l", detail::d(3, 0, 0), -3},
    Unit{"amp", "A", dimension::current},
    Unit{"meter", "m", dimension::length},
    Unit{"candle", "cd", detail::d(0, 0, 0, 0, 0, 0, 1)},
    Unit{"lumen", "lm", detail::d(0, 0, 0, 0, 0, 0, 1)},
    Unit{"becquerel", "Bq", dimension::frequency},
    Unit{"sievert", "Sv", detail::d(2, 0, -2)},
    Unit{"gram", "g", dimension::mass, -3},
    Unit{"gramme", "g", dimension::mass, -3},
    Unit{"liter", "l", detail::d(3, 0, 0), -3},
    Unit{"radian", "rad", dimension::one},
    Unit{"steradian", "sr", dimension::one},
};

/// Which short forms a prefix makes. Names in full ("hectopascal" as "hpascal") take all prefixes;
/// rare short forms such as "El" or "dV" would only hide mistyped variables.
enum class Shorts { all, lengths_and_volumes, none };

struct Prefix {
  std::string_view symbol;
  int exponent;
  Shorts shorts = Shorts::none;
};
inline constexpr std::array prefixes{
    Prefix{"m", -3, Shorts::all},
    Prefix{"u", -6, Shorts::all},
    Prefix{"n", -9, Shorts::all},
    Prefix{"p", -12, Shorts::all},
    Prefix{"f", -15, Shorts::all},
    Prefix{"k", 3, Shorts::all},
    Prefix{"M", 6, Shorts::all},
    Prefix{"G", 9, Shorts::all},
    Prefix{"µ", -6, Shorts::all},
    Prefix{"μ", -6, Shorts::all},
    Prefix{"c", -2, Shorts::lengths_and_volumes},
    Prefix{"d", -1, Shorts::lengths_and_volumes},
    Prefix{"a", -18},
    Prefix{"h", 2},
    Prefix{"da", 1},
    Prefix{"T", 12},
    Prefix{"P", 15},
    Prefix{"E", 18},
    Prefix{"Z", 21},
    Prefix{"Y", 24},
    Prefix{"z", -21},
    Prefix{"y", -24},
};

/// Units that to_string chooses from; `preferred` is the customary one of neuroscience.
struct Choice {
  std::string_view name;
  Dimension dimension;
  int exponent;
  bool preferred = false;
};
inline constexpr std::array choices{
    Choice{"ms", dimension::time, -3, true},
    Choice{"s", dimension::time, 0},
    Choice{"us", dimension::time, -6},
    Choice{"mV", dimension::voltage, -3, true},
    Choice{"V", dimension::voltage, 0},
    Choice{"uV", dimension::voltage, -6},
    Choice{"pA", dimension::current, -12, true},
    Choice{"nA", dimension::current, -9},
    Choice{"uA", dimension::current, -6},
    Choice{"mA", dimension::current, -3},
    Choice{"A", dimension::current, 0},
    Choice{"nS", dimension::conductance, -9, true},
    Choice{"pS", dimension::conductance, -12},
    Choice{"uS", dimension::conductance, -6},
    Choice{"mS", dimension::conductance, -3},
    Choice{"S", dimension::conductance, 0},
    Choice{"pF", dimension::capacitance, -12, true},
    Choice{"nF", dimension::capacitance, -9},
    Choice{"uF", dimension::capacitance, -6},
    Choice{"F", dimension::capacitance, 0},
    Choice{"Mohm", dimension::resistance, 6, true},
    Choice{"Gohm", dimension::resistance, 9},
    Choice{"kohm", dimension::resistance, 3},
    Choice{"ohm", dimension::resistance, 0},
    Choice{"um", dimension::length, -6, true},
    Choice{"nm", dimension::length, -9},
    Choice{"mm", dimension::length, -3},
    Choice{"m", dimension::length, 0},
    Choice{"Hz", dimension::frequency, 0, true},
    Choice{"kHz", dimension::frequency, 3},
    Choice{"MHz", dimension::frequency, 6},
    Choice{"mM", dimension::concentration, 0, true},
    Choice{"uM", dimension::concentration, -3},
    Choice{"M", dimension::concentration, 3},
    Choice{"pC", dimension::charge, -12, true},
    Choice{"fC", dimension::charge, -15},
    Choice{"nC", dimension::charge, -9},
    Choice{"C", dimension::charge, 0},
    Choice{"um2", detail::d(2, 0, 0), -12, true},
    Choice{"cm2", detail::d(2, 0, 0), -4},
    Choice{"mS/cm2", dimension::conductance / detail::d(2, 0, 0), 1, true},
    Choice{"uF/cm2", dimension::capacitance / detail::d(2, 0, 0), -2, true},
    Choice{"uA/cm2", dimension::current / detail::d(2, 0, 0), -2, true},
    Choice{"mV/ms", dimension::voltage / dimension::time, 0, true},
    Choice{"pA/ms", dimension::current / dimension::time, -9, true},
    Choice{"nS/ms", dimension::conductance / dimension::time, -6, true},
    Choice{"1/mV", dimension::one / dimension::voltage, 3, true},
    Choice{"um/ms", dimension::length / dimension::time, -3, true},
    Choice{"m/s", dimension::length / dimension::time, 0},
    Choice{"K", dimension::temperature, 0, true},
    Choice{"mol", dimension::amount, 0, true},
    Choice{"kg", dimension::mass, 0, true},
};

}  // namespace callosum::units
