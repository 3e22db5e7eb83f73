#include "callosum/model/check_units.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace callosum::model {
namespace {

// What a function wants of its arguments and gives back.
enum class Shape {
  plain,     // dimensionless to dimensionless
  keeps,     // any dimension, kept
  root,      // any dimension, halved
  sign,      // any dimension to dimensionless
  together,  // two or more of one dimension, kept
  draw,      // no arguments, dimensionless
  steps,     // two times to an integer
  whole,     // boolean or plain to integer
};
struct Function {
  Shape shape;
  std::size_t arguments;
};
const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> table{
      {"exp", {Shape::plain, 1}},        {"expm1", {Shape::plain, 1}},
      {"exprel", {Shape::plain, 1}},     {"log", {Shape::plain, 1}},
      {"log10", {Shape::plain, 1}},      {"log1p", {Shape::plain, 1}},
      {"sin", {Shape::plain, 1}},        {"cos", {Shape::plain, 1}},
      {"tan", {Shape::plain, 1}},        {"sinh", {Shape::plain, 1}},
      {"cosh", {Shape::plain, 1}},       {"tanh", {Shape::plain, 1}},
      {"arcsin", {Shape::plain, 1}},     {"arccos", {Shape::plain, 1}},
      {"arctan", {Shape::plain, 1}},     {"sqrt", {Shape::root, 1}},
      {"abs", {Shape::keeps, 1}},        {"sign", {Shape::sign, 1}},
      {"floor", {Shape::plain, 1}},      {"ceil", {Shape::plain, 1}},
      {"int", {Shape::whole, 1}},        {"clip", {Shape::together, 3}},
      {"minimum", {Shape::together, 2}}, {"maximum", {Shape::together, 2}},
      {"min", {Shape::together, 2}},     {"max", {Shape::together, 2}},
      {"mod", {Shape::together, 2}},     {"timestep", {Shape::steps, 2}},
      {"rand", {Shape::draw, 0}},        {"randn", {Shape::draw, 0}}};
  return table;
}

class Checker {
 public:
  Checker(const SourceText& source, const Scope& scope) : source_(source), scope_(scope) {}

  ExpressionPtr check(const ExpressionPtr& e) {
    switch (e->kind) {
      case ExprKind::number:
        return e;
      case ExprKind::name:
        return name(*e);
      case ExprKind::unary:
        return unary(*e);
      case ExprKind::binary:
        return binary(*e);
      case ExprKind::call:
        return call(*e);
    }
    return e;
  }

 private:
  static ExpressionPtr typed(const Expression& e, std::vector<ExpressionPtr> children, Dimension d,
                             ValueType type = ValueType::real) {
    auto copy = std::make_shared<Expression>(e);
    copy->children = std::move(children);
    copy->dimension = d;
    copy->type = type;
    return copy;
  }
  static ExpressionPtr value(double x, Dimension d, Span span) {
    return Expression::number(x, d, span);
  }
  static bool zero(const Expression& e) { return e.kind == ExprKind::number && e.value == 0; }
  std::string shown(const Expression& e) const {
    return source_.text.substr(e.span.begin, e.span.end - e.span.begin);
  }
  [[noreturn]] void units(const Expression& e, std::string what, std::string got,
                          std::string expected) const {
    throw UnitError({.where = source_.name,
                     .what = std::move(what),
                     .got = std::move(got),
                     .expected = std::move(expected),
                     .nearest = {},
                     .location = source_.at(e.span)});
  }
  void plain(const Expression& e, const std::string& of) const {
    if (e.type == ValueType::boolean)
      units(e, of + " takes numbers", "the condition '" + shown(e) + "'",
            "a number; int(...) makes one");
    if (!e.dimension.none())
      units(e, of + " takes a plain number", "'" + shown(e) + "' in " + readable(e.dimension),
            "a dimensionless expression");
  }
  void truth(const Expression& e, const std::string& of) const {
    if (e.type != ValueType::boolean)
      units(e, "'" + of + "' joins conditions", "'" + shown(e) + "'",
            "a condition such as 'x > 0'");
  }
  // The common dimension of two sides; the number 0 agrees with anything.
  Dimension common(const Expression& whole, const Expression& a, const Expression& b,
                   const std::string& of) const {
    for (const Expression* side : {&a, &b})
      if (side->type == ValueType::boolean)
        units(*side, "'" + of + "' takes numbers", "the condition '" + shown(*side) + "'",
              "a number");
    if (zero(a)) return b.dimension;
    if (zero(b)) return a.dimension;
    if (a.dimension != b.dimension)
      units(whole, "the sides of '" + of + "' have different units",
            "'" + shown(a) + "' in " + readable(a.dimension) + " and '" + shown(b) + "' in " +
                readable(b.dimension),
            "the same unit on both sides");
    return a.dimension;
  }

  ExpressionPtr name(const Expression& e) {
    if (const auto known = scope_.lookup(e.text))
      return typed(e, {}, known->dimension, known->type);
    if (const auto known = special_name(e.text)) return typed(e, {}, known->dimension, known->type);
    if (e.text == "pi") return value(3.14159265358979323846, {}, e.span);
    if (e.text == "e") return value(2.71828182845904523536, {}, e.span);
    if (e.text == "inf") return value(std::numeric_limits<double>::infinity(), {}, e.span);
    if (e.text == "True" || e.text == "False" || e.text == "true" || e.text == "false")
      return typed(e, {}, {}, ValueType::boolean);
    Quantity unit;
    if (find_unit(e.text, unit)) return value(unit.internal(), unit.dimension, e.span);
    throw NameError({.where = source_.name,
                     .what = "unknown name",
                     .got = e.text,
                     .expected = {},
                     .nearest = nearest_name(e.text, scope_.candidates),
                     .location = source_.at(e.span)});
  }

  ExpressionPtr unary(const Expression& e) {
    ExpressionPtr a = check(e.children[0]);
    if (e.text == "not") {
      truth(*a, "not");
      return typed(e, {a}, {}, ValueType::boolean);
    }
    if (a->type == ValueType::boolean)
      units(*a, "'" + e.text + "' takes a number", "the condition '" + shown(*a) + "'", "a number");
    return typed(e, {a}, a->dimension, a->type);
  }

  ExpressionPtr binary(const Expression& e) {
    ExpressionPtr a = check(e.children[0]), b = check(e.children[1]);
    const std::string& op = e.text;
    if (op == "and" || op == "or") {
      truth(*a, op);
      truth(*b, op);
      return typed(e, {a, b}, {}, ValueType::boolean);
    }
    if (op == "<" || op == "<=" || op == ">" || op == ">=" || op == "==" || op == "!=") {
      common(e, *a, *b, op);
      return typed(e, {a, b}, {}, ValueType::boolean);
    }
    if (op == "+" || op == "-" || op == "%") return typed(e, {a, b}, common(e, *a, *b, op));
    for (const ExpressionPtr& side : {a, b})
      if (side->type == ValueType::boolean)
        units(*side, "'" + op + "' takes numbers", "the condition '" + shown(*side) + "'",
              "int(...)");
    if (op == "*") return typed(e, {a, b}, a->dimension * b->dimension);
    if (op == "/" || op == "//") return typed(e, {a, b}, a->dimension / b->dimension);
    return power(e, a, b);
  }

  ExpressionPtr power(const Expression& e, const ExpressionPtr& a, const ExpressionPtr& b) {
    plain(*b, "an exponent");
    if (a->dimension.none()) return typed(e, {a, b}, {});
    double exponent = 0;
    if (!constant(*b, exponent))
      units(*b, "a quantity with a unit needs a constant exponent", "'" + shown(*b) + "'",
            "a number");
    return typed(e, {a, b}, a->dimension.pow(exponent));
  }
  static bool constant(const Expression& e, double& x) {
    if (e.kind == ExprKind::number) return x = e.value, true;
    double a = 0, b = 0;
    if (e.kind == ExprKind::unary && e.text != "not" && constant(*e.children[0], a))
      return x = e.text == "-" ? -a : a, true;
    if (e.kind == ExprKind::binary && e.text == "/" && constant(*e.children[0], a) &&
        constant(*e.children[1], b))
      return x = a / b, true;
    return false;
  }

  ExpressionPtr call(const Expression& e) {
    const auto found = functions().find(e.text);
    if (found == functions().end()) {
      std::vector<std::string> known;
      for (const auto& [name, f] : functions()) known.push_back(name);
      throw NameError({.where = source_.name,
                       .what = "unknown function",
                       .got = e.text + "()",
                       .expected = "a function of the model language",
                       .nearest = nearest_name(e.text, known),
                       .location = source_.at(e.span)});
    }
    const auto [shape, arguments] = found->second;
    if (e.children.size() != arguments)
      throw SyntaxError({.where = source_.name,
                         .what = e.text + "() takes " + std::to_string(arguments) + " argument" +
                                 (arguments == 1 ? "" : "s"),
                         .got = std::to_string(e.children.size()),
                         .expected = {},
                         .nearest = {},
                         .location = source_.at(e.span)});
    std::vector<ExpressionPtr> in;
    for (const ExpressionPtr& child : e.children) in.push_back(check(child));
    const std::string of = e.text + "()";
    switch (shape) {
      case Shape::plain:
        plain(*in[0], of);
        return typed(e, in, {});
      case Shape::draw:
        return typed(e, in, {});
      case Shape::steps:
        return whole_steps(e, *in[0], *in[1]);
      case Shape::whole:
        if (in[0]->type != ValueType::boolean) plain(*in[0], of);
        return typed(e, in, {}, ValueType::integer);
      default:
        break;
    }
    for (const ExpressionPtr& child : in)
      if (child->type == ValueType::boolean)
        units(*child, of + " takes numbers", "the condition '" + shown(*child) + "'", "a number");
    if (shape == Shape::keeps) return typed(e, in, in[0]->dimension);
    if (shape == Shape::root) return typed(e, in, in[0]->dimension.pow(0.5));
    if (shape == Shape::sign) return typed(e, in, {});
    Dimension d = common(e, *in[0], *in[1], of);
    if (in.size() == 3) common(e, *in[0], *in[2], of);
    return typed(e, in, d);
  }

  // Brian2's timestep(t, dt): a time that stands just before the grid's belongs to it.
  ExpressionPtr whole_steps(const Expression& e, const Expression& t, const Expression& dt) {
    for (const Expression* time : {&t, &dt})
      if (time->dimension != dimension::time)
        units(*time, "timestep() takes two times",
              "'" + shown(*time) + "' in " + readable(time->dimension), "second");
    ExpressionPtr parts = Expression::binary("/", e.children[0], e.children[1], e.span);
    parts = Expression::binary("+", std::move(parts), value(1e-3, {}, e.span), e.span);
    return check(Expression::call("int", {std::move(parts)}, e.span));
  }

  const SourceText& source_;
  const Scope& scope_;
};

}  // namespace

std::string readable(Dimension d) { return d.none() ? "no unit" : d.name(); }

std::optional<Known> special_name(const std::string& name) {
  if (name == "t" || name == "dt" || name == "lastspike" || name == "lastupdate")
    return Known{dimension::time};
  if (name == "i" || name == "j" || name == "N" || name == "N_pre" || name == "N_post" ||
      name == "t_in_timesteps")
    return Known{{}, ValueType::integer};
  if (name == "not_refractory") return Known{{}, ValueType::boolean};
  if (name == "xi" || name.starts_with("xi_")) return Known{dimension::time.pow(-0.5)};
  return std::nullopt;
}

bool is_reserved(const std::string& name) {
  if (name == "j" || name == "N_pre" || name == "N_post" || name == "lastupdate") return false;
  return special_name(name).has_value() || functions().contains(name) || name == "and" ||
         name == "or" || name == "not";
}

ExpressionPtr check_units(const SourceText& source, const ExpressionPtr& e, const Scope& scope) {
  return Checker(source, scope).check(e);
}

}  // namespace callosum::model
