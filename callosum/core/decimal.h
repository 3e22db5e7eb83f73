#pragma once

#include <string>
#include <string_view>

namespace callosum::decimal {

/// A finite number as its shortest digits: value = (-)0.d1d2d3... * 10**point.
struct Digits {
  bool negative = false;
  std::string digits;  ///< no leading or trailing zeros; "0" for zero
  int point = 0;
};

Digits digits(double value);
/// The nearest double of `d` * 10**shift.
double value(const Digits& d, int shift);
/// As a person writes it: "70", "-0.05", "1.5e-9".
std::string text(const Digits& d, int shift);
/// value * 10**shift, rounded once from the shortest decimal form of `value`.
double shifted(double value, int shift);
/// 10**power, rounded once.
double power_of_ten(int power);

}  // namespace callosum::decimal
