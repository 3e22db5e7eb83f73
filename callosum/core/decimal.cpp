#include "callosum/core/decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace callosum::decimal {

Digits digits(double value) {
  Digits d;
  d.negative = std::signbit(value);
  if (value == 0) {
    d.digits = "0";
    return d;
  }
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value),
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto e = text.find('e');
  for (char c : text.substr(0, e))
    if (c != '.') d.digits += c;
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  const auto exponent = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), d.point);
  ++d.point;
  return d;
}

double value(const Digits& d, int shift) {
  std::string text = d.negative ? "-0." : "0.";
  text += d.digits + "e" + std::to_string(d.point + shift);
  double result = 0;
  const auto [ptr, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error == std::errc::result_out_of_range) {
    const double end = d.point + shift > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return d.negative ? -end : end;
  }
  return result;
}

std::string text(const Digits& d, int shift) {
  const int point = d.point + shift;
  const int count = static_cast<int>(d.digits.size());
  std::string out = d.negative ? "-" : "";
  if (d.digits == "0") return out + "0";
  if (point > 0 && point <= 16) {
    if (point >= count) return out + d.digits + std::string(point - count, '0');
    return out + d.digits.substr(0, point) + "." + d.digits.substr(point);
  }
  if (point <= 0 && point > -4) return out + "0." + std::string(-point, '0') + d.digits;
  out += d.digits[0];
  if (count > 1) out += "." + d.digits.substr(1);
  return out + "e" + std::to_string(point - 1);
}

double shifted(double v, int shift) {
  if (shift == 0 || !std::isfinite(v)) return v;
  return value(digits(v), shift);
}

double power_of_ten(int power) { return value({false, "1", 1}, power); }

}  // namespace callosum::decimal
