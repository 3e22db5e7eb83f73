#include "callosum/model/range.h"

#include <cmath>
#include <utility>

namespace callosum::model {
namespace {

double bound(const Variable& v, const std::string& text, const ParameterText& p) {
  const Quantity q = parse_quantity(text);
  const bool plain_zero = q.si == 0 && q.dimension.none();
  if (!plain_zero && q.dimension != v.dimension && !(v.value == std::nullopt && v.dimension.none()))
    throw UnitError({.where = "range of parameter '" + p.name + "'",
                     .what = "the unit is not the parameter's",
                     .got = text,
                     .expected = v.dimension.name(),
                     .nearest = {},
                     .location = p.location});
  return q.internal();
}

[[noreturn]] void unreadable(const ParameterText& p) {
  throw SyntaxError({.where = "range of parameter '" + p.name + "'",
                     .what = "this is no range",
                     .got = p.range,
                     .expected = "'> 0 pF', '>= 0 ms', '[0, 1]', '(0, 1]'",
                     .nearest = {},
                     .location = p.location});
}

std::string range_text(const Variable& v) {
  const auto shown = [&](double x) { return to_string(Quantity::from_internal(x, v.dimension)); };
  if (v.minimum && v.maximum)
    return (v.minimum_open ? "(" : "[") + shown(*v.minimum) + ", " + shown(*v.maximum) +
           (v.maximum_open ? ")" : "]");
  if (v.minimum) return (v.minimum_open ? "> " : ">= ") + shown(*v.minimum);
  if (v.maximum) return (v.maximum_open ? "< " : "<= ") + shown(*v.maximum);
  return "a finite value";
}

}  // namespace

void set_range(Variable& v, const ParameterText& p) {
  std::string text = p.range;
  if (text.empty()) return;
  const char first = text.front();
  if (first == '>' || first == '<') {
    const bool closed = text.size() > 1 && text[1] == '=';
    const double x = bound(v, text.substr(closed ? 2 : 1), p);
    (first == '>' ? v.minimum : v.maximum) = x;
    (first == '>' ? v.minimum_open : v.maximum_open) = !closed;
    return;
  }
  const auto comma = text.find(',');
  const char last = text.back();
  if ((first != '[' && first != '(') || (last != ']' && last != ')') || comma == std::string::npos)
    unreadable(p);
  v.minimum = bound(v, text.substr(1, comma - 1), p);
  v.maximum = bound(v, text.substr(comma + 1, text.size() - comma - 2), p);
  if (!(*v.minimum <= *v.maximum)) unreadable(p);
  v.minimum_open = first == '(';
  v.maximum_open = last == ')';
}

void check_range(const Variable& v, double value, const std::string& written) {
  const bool above = !v.minimum || (v.minimum_open ? value > *v.minimum : value >= *v.minimum);
  const bool below = !v.maximum || (v.maximum_open ? value < *v.maximum : value <= *v.maximum);
  if (std::isfinite(value) && above && below) return;
  throw ValueError({.where = "'" + v.name + "'",
                    .what = "the value is outside its range",
                    .got = written,
                    .expected = range_text(v),
                    .nearest = {},
                    .location = std::nullopt});
}

}  // namespace callosum::model
