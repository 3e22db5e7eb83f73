#include <algorithm>
#include <utility>

#include "callosum/model/check_units.h"
#include "callosum/model/equations.h"
#include "callosum/model/reading.h"
#include "callosum/model/symbolic.h"

// Conditions, the statements of events, refractoriness.
namespace callosum::model {

ExpressionPtr Reading::condition(const SourceText& source) {
  try {
    ExpressionPtr e =
        checked(source, parse_expression(source, {0, static_cast<int>(source.text.size())}));
    if (e->type != ValueType::boolean)
      throw UnitError({.where = source.name,
                       .what = "this is no condition",
                       .got = source.text,
                       .expected = "a comparison such as 'V_m > V_th'",
                       .nearest = {},
                       .location = source.at({0, 0})});
    return e;
  } catch (const Error& error) {
    problem(error);
    return nullptr;
  }
}

// A new name that a later statement reads holds a value until then.
std::vector<Statement> Reading::statements(const SourceText& source) {
  std::vector<Statement> read = read_statements(source, problems_);
  locals_.clear();
  for (std::size_t k = 0; k < read.size(); ++k) {
    Statement& s = read[k];
    const auto reads_it = [&](const Statement& later) {
      return symbolic::mentions(*later.value, s.target);
    };
    const bool known = std::any_of(variables_.begin(), variables_.end(),
                                   [&](const Variable& v) { return v.name == s.target; });
    const auto rest = read.begin() + static_cast<std::ptrdiff_t>(k) + 1;
    try {
      if (locals_.contains(s.target) ||
          (!known && s.op == "=" && std::any_of(rest, read.end(), reads_it))) {
        hold_local(s, source);
      } else {
        check_statement(s, source);
      }
    } catch (const Error& error) {
      problem(error);
    }
  }
  locals_.clear();
  return read;
}

void Reading::hold_local(Statement& s, const SourceText& source) {
  check_reserved(s.target, source.at(s.span));
  const bool again = s.op != "=";  // x += e of a name that already holds a value
  if (again)
    s.value = Expression::binary(s.op.substr(0, 1), Expression::name(s.target, s.span), s.value,
                                 s.value->span);
  s.op = ":=";
  s.value = checked(source, s.value);
  locals_[s.target] = {s.value->dimension, s.value->type};
}

void Reading::check_statement(Statement& s, const SourceText& source) {
  const auto v = std::find_if(variables_.begin(), variables_.end(),
                              [&](const Variable& x) { return x.name == s.target; });
  if (v == variables_.end())
    throw NameError({.where = source.name,
                     .what = "unknown name",
                     .got = s.target,
                     .expected = {},
                     .nearest = nearest_name(s.target, scope_.candidates),
                     .location = source.at(s.span)});
  if (v->kind != VariableKind::state && !v->declared)
    throw NameError({.where = source.name,
                     .what = "only states can be assigned",
                     .got = s.target,
                     .expected = {},
                     .nearest = {},
                     .location = source.at(s.span)});
  used_.insert(s.target);
  s.value = checked(source, s.value);
  const bool scales = s.op == "*=" || s.op == "/=";
  const Dimension expected = scales ? Dimension() : v->dimension;
  const bool zero = s.value->kind == ExprKind::number && s.value->value == 0;
  if (s.value->dimension != expected && !(zero && !scales))
    throw UnitError({.where = source.name,
                     .what = "the unit of '" + s.target + "' does not fit",
                     .got = readable(s.value->dimension),
                     .expected = readable(expected),
                     .nearest = {},
                     .location = source.at(s.span)});
}

void Reading::read_refractory(ExpressionPtr& time, ExpressionPtr& condition) {
  const SourceText& source = text_.refractory;
  if (source.text.empty()) return;
  try {
    SourceText plain = source;
    Quantity number;
    ExpressionPtr e;
    try {
      number = parse_quantity(source.text);
      e = Expression::number(number.internal(), number.dimension);
    } catch (const Error&) {
      e = checked(plain, parse_expression(plain, {0, static_cast<int>(plain.text.size())}));
    }
    if (e->type == ValueType::boolean)
      condition = e;
    else if (e->dimension == dimension::time)
      time = e;
    else
      throw UnitError({.where = source.name,
                       .what = "refractory is a time or a condition",
                       .got = readable(e->dimension),
                       .expected = "second",
                       .nearest = {},
                       .location = source.at({0, 0})});
  } catch (const Error& error) {
    problem(error);
  }
}

}  // namespace callosum::model
