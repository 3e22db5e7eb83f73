#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "callosum/core/elementary.h"
#include "callosum/core/error.h"
#include "callosum/core/unit_table.h"
#include "callosum/core/units.h"

namespace callosum {
namespace {

/// The nearest double of the number written as `text`, times 10**shift.
double shifted_literal(std::string_view text, int shift) {
  const auto e = text.find_first_of("eE");
  int exponent = 0;
  if (e != std::string_view::npos) {
    const auto digits = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc())
      exponent = text[e + 1] == '-' ? -100000 : 100000;
  }
  const std::string moved = std::string(text.substr(0, e)) + "e" +
                            std::to_string(std::clamp(exponent, -99999, 99999) + shift);
  double value = 0;
  const auto end = moved.data() + moved.size();
  if (std::from_chars(moved.data(), end, value).ec == std::errc::result_out_of_range)
    return exponent + shift > 0 ? INFINITY : 0;
  return value;
}

/// A product in the making: literal * factor * 10**exponent. The first number stays as written
/// until the end, so "70 mV" is the double nearest to 0.07.
struct Term {
  std::string_view literal = "1";
  double factor = 1;
  double exponent = 0;
  Dimension dimension;

  void multiply(const Term& o, int sign) {
    double other = o.factor;
    if (literal == "1" && sign > 0)
      literal = o.literal;
    else
      other *= shifted_literal(o.literal, 0);
    factor = sign > 0 ? factor * other : factor / other;
    exponent += sign * o.exponent;
    dimension = sign > 0 ? dimension * o.dimension : dimension / o.dimension;
  }
  double value() const {
    const double whole = std::nearbyint(exponent);
    if (std::fabs(exponent - whole) < 1e-9 && std::fabs(whole) < 10000)
      return shifted_literal(literal, static_cast<int>(whole)) * factor;
    elementary::ScalarArithmetic<double> a;
    return shifted_literal(literal, 0) * factor * elementary::power(a, 10.0, exponent);
  }
};

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}
bool digit(char c) { return c >= '0' && c <= '9'; }

bool allows(const units::Prefix& prefix, const units::Unit& unit) {
  if (prefix.shorts == units::Shorts::lengths_and_volumes)
    return unit.symbol == "m" || unit.symbol == "l";
  return prefix.shorts == units::Shorts::all;
}

/// Unit `name` without a trailing power.
bool find_simple(std::string_view name, Dimension& dimension, int& exponent) {
  for (const auto& unit : units::named)
    if (name == unit.name || name == unit.symbol) {
      dimension = unit.dimension;
      exponent = unit.exponent;
      return true;
    }
  for (const auto& prefix : units::prefixes) {
    if (name.substr(0, prefix.symbol.size()) != prefix.symbol) continue;
    const auto rest = name.substr(prefix.symbol.size());
    for (const auto& unit : units::named) {
      const bool short_form = rest == unit.symbol && allows(prefix, unit);
      if (unit.name == "kilogram" || (rest != unit.name && !short_form)) continue;
      dimension = unit.dimension;
      exponent = unit.exponent + prefix.exponent;
      return true;
    }
  }
  return false;
}

bool find_term(std::string_view name, Term& term) {
  int power = 1, exponent = 0;
  if (name.size() > 1 && (name.back() == '2' || name.back() == '3')) {
    power = name.back() - '0';
    name.remove_suffix(1);
  }
  if (!find_simple(name, term.dimension, exponent)) return false;
  term.exponent = exponent * power;
  term.dimension = term.dimension.pow(power);
  return true;
}

/// Names to suggest from: those a neuroscientist writes.
const std::vector<std::string>& common_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& unit : units::named) {
      all.emplace_back(unit.name);
      all.emplace_back(unit.symbol);
      for (std::string_view prefix : {"m", "u", "n", "p", "k", "M", "G", "f", "c"}) {
        if (unit.name == "kilogram") continue;
        all.push_back(std::string(prefix) + std::string(unit.name));
        all.push_back(std::string(prefix) + std::string(unit.symbol));
      }
    }
    return all;
  }();
  return names;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Term read() {
    const Term term = product();
    skip();
    if (at_ < text_.size()) fail("a quantity ends here", "a number and a unit, such as \"20 ms\"");
    return term;
  }

 private:
  [[noreturn]] void fail(std::string what, std::string expected) const {
    throw SyntaxError({.what = std::move(what),
                       .got = "\"" + std::string(text_) + "\"",
                       .expected = std::move(expected),
                       .location = here(at_)});
  }
  SourceLocation here(std::size_t at) const {
    return {.file = {}, .line = 1, .column = static_cast<int>(at) + 1, .text = std::string(text_)};
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(std::string_view token) {
    skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  Term product() {
    Term term = factor();
    for (;;) {
      skip();
      if (at_ >= text_.size() || text_[at_] == ')') break;
      if (take("/")) {
        skip();
        const bool number_first = at_ < text_.size() && digit(text_[at_]);
        term.multiply(factor(), -1);
        skip();
        if (number_first && at_ < text_.size() && letter(text_[at_]))
          fail("a number and its unit follow a division", "parentheses, as in \"10 mV / (2 ms)\"");
      } else if (take("*") || letter(text_[at_]) || digit(text_[at_]) || text_[at_] == '(') {
        term.multiply(factor(), 1);
      } else {
        break;
      }
    }
    return term;
  }

  Term factor() {
    if (++depth_ > 100) fail("a quantity is nested too deeply", "a number and a unit");
    Term term = signed_factor();
    --depth_;
    return term;
  }

  Term signed_factor() {
    skip();
    if (take("-")) {
      Term term = factor();
      term.factor = -term.factor;
      return term;
    }
    if (take("+")) return factor();
    Term term;
    if (take("(")) {
      term = product();
      if (!take(")")) fail("a closing parenthesis is missing", "')'");
    } else if (at_ < text_.size() && (digit(text_[at_]) || text_[at_] == '.')) {
      const std::size_t begin = at_;
      number();
      term.literal = text_.substr(begin, at_ - begin);
    } else if (at_ < text_.size() && letter(text_[at_])) {
      term = name();
    } else {
      fail("a quantity is incomplete", "a number or a unit, such as \"20 ms\"");
    }
    if (take("**") || take("^")) raise(term);
    return term;
  }

  double number() {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error == std::errc::invalid_argument) fail("a number cannot be read", "a decimal number");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  Term name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (letter(text_[at_]) || digit(text_[at_]))) ++at_;
    const auto word = text_.substr(begin, at_ - begin);
    Term term;
    if (word == "inf" || word == "nan") {
      term.factor = word == "inf" ? INFINITY : NAN;
      return term;
    }
    if (find_term(word, term)) return term;
    throw NameError({.what = "unknown unit",
                     .got = "'" + std::string(word) + "'",
                     .nearest = nearest_name(word, common_names()),
                     .location = here(begin)});
  }

  void raise(Term& term) {
    double sign = 1;
    if (take("-")) sign = -1;
    const bool nested = take("(");
    if (nested && take("-")) sign = -sign;
    skip();
    if (at_ >= text_.size() || !(digit(text_[at_]) || text_[at_] == '.'))
      fail("an exponent is missing", "a number such as 2 or -0.5");
    double power = number();
    if (nested && take("/")) {
      skip();
      power /= number();
    }
    if (nested && !take(")")) fail("a closing parenthesis is missing", "')'");
    power *= sign;
    elementary::ScalarArithmetic<double> a;
    const double magnitude = shifted_literal(term.literal, 0) * term.factor;
    term.literal = "1";
    term.factor = magnitude == 1 ? 1 : elementary::power(a, magnitude, power);
    term.exponent *= power;
    term.dimension = term.dimension.pow(power);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

bool find_unit(std::string_view name, Quantity& out) {
  Term term;
  if (!find_term(name, term)) return false;
  out = {term.value(), term.dimension};
  return true;
}

Quantity unit(std::string_view name) {
  Quantity out;
  if (find_unit(name, out)) return out;
  throw NameError({.what = "unknown unit",
                   .got = "'" + std::string(name) + "'",
                   .nearest = nearest_name(name, common_names())});
}

Quantity parse_quantity(std::string_view text) {
  const Term term = Reader(text).read();
  return {term.value(), term.dimension};
}

}  // namespace callosum
