#include "callosum/model/symbolic.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "callosum/core/random.h"

namespace callosum::model::symbolic {
namespace {

ExpressionPtr binary(const char* op, ExpressionPtr a, ExpressionPtr b, Dimension d) {
  auto e = std::make_shared<Expression>(*Expression::binary(op, a, b, a->span));
  e->dimension = d;
  return e;
}

bool numbers(const Expression& a, const Expression& b) {
  return a.kind == ExprKind::number && b.kind == ExprKind::number;
}

}  // namespace

bool is_number(const Expression& e, double value) {
  return e.kind == ExprKind::number && e.value == value;
}

ExpressionPtr neg(ExpressionPtr a) {
  if (a->kind == ExprKind::number) return Expression::number(-a->value, a->dimension, a->span);
  if (a->kind == ExprKind::unary && a->text == "-") return a->children[0];
  auto e = std::make_shared<Expression>(*Expression::unary("-", a, a->span));
  e->dimension = a->dimension;
  return e;
}

ExpressionPtr add(ExpressionPtr a, ExpressionPtr b) {
  if (is_number(*a, 0)) return b;
  if (is_number(*b, 0)) return a;
  if (numbers(*a, *b)) return Expression::number(a->value + b->value, a->dimension, a->span);
  return binary("+", a, b, a->dimension);
}

ExpressionPtr sub(ExpressionPtr a, ExpressionPtr b) {
  if (is_number(*b, 0)) return a;
  if (is_number(*a, 0)) return neg(b);
  if (numbers(*a, *b)) return Expression::number(a->value - b->value, a->dimension, a->span);
  return binary("-", a, b, a->dimension);
}

ExpressionPtr mul(ExpressionPtr a, ExpressionPtr b) {
  const Dimension d = a->dimension * b->dimension;
  if (is_number(*a, 0) || is_number(*b, 0)) return Expression::number(0, d, a->span);
  if (is_number(*a, 1) && a->dimension.none()) return b;
  if (is_number(*b, 1) && b->dimension.none()) return a;
  if (is_number(*a, -1) && a->dimension.none()) return neg(b);
  if (is_number(*b, -1) && b->dimension.none()) return neg(a);
  if (numbers(*a, *b)) return Expression::number(a->value * b->value, d, a->span);
  return binary("*", a, b, d);
}

ExpressionPtr div(ExpressionPtr a, ExpressionPtr b) {
  const Dimension d = a->dimension / b->dimension;
  if (is_number(*a, 0)) return Expression::number(0, d, a->span);
  if (is_number(*b, 1) && b->dimension.none()) return a;
  return binary("/", a, b, d);
}

bool mentions(const Expression& e, const std::function<bool(const std::string&)>& predicate) {
  if (e.kind == ExprKind::name && predicate(e.text)) return true;
  if (e.kind == ExprKind::call && e.children.empty() && predicate(e.text + "()")) return true;
  return std::any_of(e.children.begin(), e.children.end(),
                     [&](const ExpressionPtr& c) { return mentions(*c, predicate); });
}

bool mentions(const Expression& e, const std::string& name) {
  return mentions(e, [&](const std::string& n) { return n == name; });
}

ExpressionPtr substitute(const ExpressionPtr& e, const std::map<std::string, ExpressionPtr>& by) {
  if (e->kind == ExprKind::name) {
    const auto found = by.find(e->text);
    return found == by.end() ? e : found->second;
  }
  if (e->children.empty()) return e;
  auto copy = std::make_shared<Expression>(*e);
  for (ExpressionPtr& child : copy->children) child = substitute(child, by);
  return copy;
}

std::optional<Affine> affine(const ExpressionPtr& e, const std::string& name) {
  const auto zero = [](Dimension d) { return Expression::number(0, d); };
  if (e->kind == ExprKind::name && e->text == name)
    return Affine{Expression::number(1), zero(e->dimension)};
  if (!mentions(*e, name)) return Affine{zero({}), e};
  if (e->kind == ExprKind::unary && e->text != "not") {
    auto a = affine(e->children[0], name);
    if (!a || e->text == "+") return a;
    return Affine{neg(a->slope), neg(a->rest)};
  }
  if (e->kind != ExprKind::binary) return std::nullopt;
  const auto a = affine(e->children[0], name), b = affine(e->children[1], name);
  if (!a || !b) return std::nullopt;
  if (e->text == "+") return Affine{add(a->slope, b->slope), add(a->rest, b->rest)};
  if (e->text == "-") return Affine{sub(a->slope, b->slope), sub(a->rest, b->rest)};
  if (e->text == "*" && is_number(*a->slope, 0))
    return Affine{mul(a->rest, b->slope), mul(a->rest, b->rest)};
  if (e->text == "*" && is_number(*b->slope, 0))
    return Affine{mul(a->slope, b->rest), mul(a->rest, b->rest)};
  if (e->text == "/" && is_number(*b->slope, 0))
    return Affine{div(a->slope, b->rest), div(a->rest, b->rest)};
  return std::nullopt;
}

namespace {

// Value of an expression of sums, products, quotients and names at a random point; NaN beyond them.
double at_point(const Expression& e, std::map<std::string, double>& point, Stream& stream) {
  const auto child = [&](int i) { return at_point(*e.children[i], point, stream); };
  switch (e.kind) {
    case ExprKind::number:
      return e.value;
    case ExprKind::name: {
      const auto found = point.find(e.text);
      if (found != point.end()) return found->second;
      return point[e.text] = 0.5 + stream.uniform();
    }
    case ExprKind::unary:
      return e.text == "-" ? -child(0) : e.text == "+" ? child(0) : NAN;
    case ExprKind::binary:
      if (e.text == "+") return child(0) + child(1);
      if (e.text == "-") return child(0) - child(1);
      if (e.text == "*") return child(0) * child(1);
      if (e.text == "/") return child(0) / child(1);
      return NAN;
    case ExprKind::call:
      return NAN;
  }
  return NAN;
}

// Whether a = b as rational functions, by evaluation at random points (Schwartz-Zippel).
bool identical(const Expression& a, const Expression& b) {
  Stream stream(StreamKey(1, name_hash("identity"), Purpose::user), 0);
  for (int trial = 0; trial < 8; ++trial) {
    std::map<std::string, double> point;
    const double x = at_point(a, point, stream), y = at_point(b, point, stream);
    if (!(std::abs(x - y) <= 1e-9 * (std::abs(x) + std::abs(y)))) return false;
  }
  return true;
}

// exp(y) - 1 gives (y, +1), 1 - exp(y) gives (y, -1).
std::optional<std::pair<ExpressionPtr, double>> hole(const Expression& e) {
  if (e.kind != ExprKind::binary || (e.text != "-" && e.text != "+")) return std::nullopt;
  const auto is_exp = [](const Expression& x) {
    return x.kind == ExprKind::call && x.text == "exp";
  };
  const Expression &a = *e.children[0], &b = *e.children[1];
  if (e.text == "-" && is_exp(a) && is_number(b, 1)) return {{a.children[0], 1.0}};
  if (e.text == "-" && is_number(a, 1) && is_exp(b)) return {{b.children[0], -1.0}};
  if (e.text == "+" && is_exp(a) && is_number(b, -1)) return {{a.children[0], 1.0}};
  return std::nullopt;
}

void collect_names(const Expression& e, std::set<std::string>& names) {
  if (e.kind == ExprKind::name) names.insert(e.text);
  for (const ExpressionPtr& c : e.children) collect_names(*c, names);
}

// n / (exp(y) - 1) = (n/y) / exprel(y); the quotient n/y is the ratio of the slopes in any name
// both share.
ExpressionPtr without_hole(const ExpressionPtr& numerator, const ExpressionPtr& y, double sign) {
  std::set<std::string> names;
  collect_names(*y, names);
  for (const std::string& name : names) {
    const auto n = affine(numerator, name), d = affine(y, name);
    if (!n || !d || is_number(*n->slope, 0) || is_number(*d->slope, 0)) continue;
    if (!identical(*mul(numerator, d->slope), *mul(y, n->slope))) continue;
    auto exprel = std::make_shared<Expression>(*Expression::call("exprel", {y}, y->span));
    return div(mul(Expression::number(sign), div(n->slope, d->slope)), exprel);
  }
  return nullptr;
}

}  // namespace

ExpressionPtr guard_holes(const ExpressionPtr& e) {
  if (e->children.empty()) return e;
  auto copy = std::make_shared<Expression>(*e);
  for (ExpressionPtr& child : copy->children) child = guard_holes(child);
  if (copy->kind == ExprKind::binary && copy->text == "/") {
    if (const auto found = hole(*copy->children[1]))
      if (ExpressionPtr safe = without_hole(copy->children[0], found->first, found->second))
        return safe;
    // 1/(exp(y)-1) * n reaches here as (n*...)/(...): the product is already in the numerator.
  }
  return copy;
}

}  // namespace callosum::model::symbolic
