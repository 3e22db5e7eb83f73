#include "callosum/format/quantity_expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "callosum/core/elementary.h"
#include "callosum/core/error.h"

namespace callosum::format {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}
bool digit(char c) { return c >= '0' && c <= '9'; }

class Evaluator {
 public:
  Evaluator(std::string_view text, const std::map<std::string, Quantity>& variables)
      : text_(text), variables_(variables) {}

  Quantity read() {
    const Quantity q = sum();
    skip();
    if (at_ < text_.size()) fail(at_, "this cannot follow a value", "an operator or the end");
    return q;
  }

 private:
  SourceLocation here(std::size_t at) const {
    return {{}, 1, static_cast<int>(at) + 1, std::string(text_)};
  }
  [[noreturn]] void fail(std::size_t at, std::string what, std::string expected) const {
    throw SyntaxError({.what = std::move(what),
                       .got = "\"" + std::string(text_) + "\"",
                       .expected = std::move(expected),
                       .location = here(at)});
  }
  [[noreturn]] void fail_units(std::size_t at, std::string what, Quantity a,
                               std::string expected) const {
    throw UnitError({.what = std::move(what),
                     .got = to_string(a),
                     .expected = std::move(expected),
                     .location = here(at)});
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
  }
  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(std::string_view token) {
    skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  Quantity sum() {
    Quantity a = product();
    for (;;) {
      const std::size_t at = (skip(), at_);
      const bool plus = take("+");
      if (!plus && !take("-")) return a;
      const Quantity b = product();
      if (a.dimension != b.dimension)
        fail_units(at, "units of a sum differ", b, "the unit of " + to_string(a));
      a = plus ? a + b : a - b;
    }
  }

  Quantity product() {
    Quantity a = signed_value();
    for (;;) {
      const char next = peek();
      if (next == '*' && text_.substr(at_, 2) != "**") {
        ++at_;
        a = a * signed_value();
      } else if (next == '/') {
        ++at_;
        const std::size_t begin = (skip(), at_);
        a = a / signed_value();
        if (digit(text_[std::min(begin, text_.size() - 1)]) && letter(peek()))
          fail(at_, "a number and its unit follow a division",
               "parentheses, as in \"10 mV / (2 ms)\"");
      } else if (letter(next) || digit(next) || next == '(') {
        a = a * power();
      } else {
        return a;
      }
    }
  }

  Quantity signed_value() {
    if (++depth_ > 100) fail(at_, "a value is nested too deeply", "fewer parentheses");
    Quantity q;
    if (take("-"))
      q = -signed_value();
    else if (take("+"))
      q = signed_value();
    else
      q = power();
    --depth_;
    return q;
  }

  Quantity power() {
    const std::size_t at = (skip(), at_);
    const Quantity base = atom();
    if (!take("**") && !take("^")) return base;
    const Quantity exponent = signed_value();
    if (!exponent.dimension.none()) fail_units(at, "an exponent has a unit", exponent, "a number");
    elementary::ScalarArithmetic<double> a;
    return {elementary::power(a, base.si, exponent.si), base.dimension.pow(exponent.si)};
  }

  Quantity atom() {
    const char next = peek();
    if (take("(")) {
      const Quantity q = sum();
      if (!take(")")) fail(at_, "a closing parenthesis is missing", "')'");
      return q;
    }
    if (digit(next) || next == '.') return number();
    if (letter(next)) return name();
    fail(at_, next == '\0' ? "a value is missing" : "a value cannot begin like this",
         "a number, a unit or a variable");
  }

  /// A number; with the unit behind it where that is a plain one, so that "70 mV" is exactly what
  /// parse_quantity makes of it.
  Quantity number() {
    const std::size_t begin = at_;
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) fail(at_, "a number cannot be read", "a decimal number");
    at_ = static_cast<std::size_t>(end - text_.data());
    const std::size_t behind = at_;
    if (!letter(peek())) return value;
    const std::string word(take_word());
    Quantity unit;
    const char next = peek();
    const bool raised = next == '^' || text_.substr(at_, 2) == "**";
    const bool divided = begin > 0 && text_.find_last_not_of(' ', begin - 1) != text_.npos &&
                         text_[text_.find_last_not_of(' ', begin - 1)] == '/';
    if (raised || divided || next == '(' || variables_.count(word) || !find_unit(word, unit)) {
      at_ = behind;
      return value;
    }
    return parse_quantity(std::string(text_.substr(begin, behind - begin)) + " " + word);
  }

  std::string_view take_word() {
    const std::size_t begin = (skip(), at_);
    while (at_ < text_.size() && (letter(text_[at_]) || digit(text_[at_]))) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Quantity name() {
    const std::size_t begin = (skip(), at_);
    const std::string word(take_word());
    if (peek() == '(') return call(word, begin);
    if (const auto found = variables_.find(word); found != variables_.end()) return found->second;
    Quantity q;
    if (find_unit(word, q)) return q;
    if (word == "pi") return 3.141592653589793;
    std::string nearest;
    std::vector<std::string> names;
    for (const auto& [variable, value] : variables_) names.push_back(variable);
    nearest = nearest_name(word, names);
    if (nearest.empty()) try {
        unit(word);
      } catch (const NameError& error) {
        nearest = error.detail().nearest;
      }
    throw NameError({.what = "neither a unit nor one of the file's [variables]",
                     .got = "'" + word + "'",
                     .nearest = nearest,
                     .location = here(begin)});
  }

  Quantity call(const std::string& function, std::size_t begin) {
    static const std::vector<std::string> functions{"abs", "sqrt",    "exp",
                                                    "log", "minimum", "maximum"};
    take("(");
    std::vector<Quantity> arguments{sum()};
    while (take(",")) arguments.push_back(sum());
    if (!take(")")) fail(at_, "a closing parenthesis is missing", "')'");
    const bool two = function == "minimum" || function == "maximum";
    if (std::find(functions.begin(), functions.end(), function) == functions.end())
      throw NameError({.what = "unknown function",
                       .got = "'" + function + "'",
                       .expected = "abs, sqrt, exp, log, minimum or maximum",
                       .nearest = nearest_name(function, functions),
                       .location = here(begin)});
    if (arguments.size() != (two ? 2u : 1u))
      fail(begin, "'" + function + "' takes " + (two ? "two values" : "one value"), "");
    const Quantity x = arguments[0];
    elementary::ScalarArithmetic<double> a;
    if (function == "abs") return {std::fabs(x.si), x.dimension};
    if (function == "sqrt") return {std::sqrt(x.si), x.dimension.pow(0.5)};
    if (two) {
      const Quantity y = arguments[1];
      if (x.dimension != y.dimension)
        fail_units(begin, "units differ", y, "the unit of " + to_string(x));
      return (function == "minimum") == (x.si < y.si) ? x : y;
    }
    if (!x.dimension.none())
      fail_units(begin, "'" + function + "' takes a plain number", x, "a plain number");
    return function == "exp" ? elementary::exp(a, x.si) : elementary::log(a, x.si);
  }

  std::string_view text_;
  const std::map<std::string, Quantity>& variables_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Quantity evaluate(std::string_view text, const std::map<std::string, Quantity>& variables) {
  // A plain quantity is read as everywhere else, with all its decimals.
  bool plain = true;
  for (std::size_t i = 0; i < text.size() && plain;) {
    std::size_t end = i;
    while (end < text.size() && (letter(text[end]) || digit(text[end]))) ++end;
    plain = end == i || !variables.count(std::string(text.substr(i, end - i)));
    i = std::max(end, i + 1);
  }
  if (plain) try {
      return parse_quantity(text);
    } catch (const Error&) {
    }
  return Evaluator(text, variables).read();
}

}  // namespace callosum::format
