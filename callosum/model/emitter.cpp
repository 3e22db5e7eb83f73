#include "callosum/model/emitter.h"

#include <algorithm>
#include <map>
#include <utility>

#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

const std::map<std::string, Op>& functions() {
  static const std::map<std::string, Op> table{
      {"exp", Op::exp},         {"expm1", Op::expm1},   {"exprel", Op::exprel},
      {"log", Op::log},         {"log1p", Op::log1p},   {"log10", Op::log10},
      {"sin", Op::sin},         {"cos", Op::cos},       {"tan", Op::tan},
      {"tanh", Op::tanh},       {"sinh", Op::sinh},     {"cosh", Op::cosh},
      {"arcsin", Op::arcsin},   {"arccos", Op::arccos}, {"arctan", Op::arctan},
      {"sqrt", Op::sqrt},       {"abs", Op::abs},       {"sign", Op::sign},
      {"floor", Op::floor},     {"ceil", Op::ceil},     {"minimum", Op::minimum},
      {"maximum", Op::maximum}, {"min", Op::minimum},   {"max", Op::maximum},
      {"mod", Op::mod}};
  return table;
}

}  // namespace

Emitter::Emitter(std::string name, Names names)
    : names_(std::move(names)), step_(name + ".step"), constants_(name + ".constants") {}

bool Emitter::is_constant(const Expression& e) const {
  return !symbolic::mentions(e, [&](const std::string& n) { return !names_.constant(n); });
}
bool Emitter::is_lane(const Expression& e) const { return symbolic::mentions(e, names_.lane); }

Value Emitter::apply(Builder& b, const Expression& e,
                     const std::function<Value(const ExpressionPtr&)>& child) {
  const auto in = [&](std::size_t i) { return child(e.children[i]); };
  if (e.kind == ExprKind::unary) {
    if (e.text == "+") return in(0);
    return b.emit(e.text == "-" ? Op::neg : Op::logical_not, {in(0)});
  }
  if (e.kind == ExprKind::call) {
    if (e.text == "int") {
      const Value a = in(0);
      if (is_boolean(b.program().code[a].op)) return b.select(a, b.constant(1), b.constant(0));
      const Value down = b.emit(Op::floor, {a}), up = b.emit(Op::ceil, {a});
      return b.select(b.emit(Op::less, {a, b.constant(0)}), up, down);
    }
    if (e.text == "clip") {
      const Value low = b.emit(Op::maximum, {in(0), in(1)});
      return b.emit(Op::minimum, {low, in(2)});
    }
    std::vector<Value> arguments;
    for (const ExpressionPtr& c : e.children) arguments.push_back(child(c));
    return b.emit(functions().at(e.text), std::move(arguments));
  }
  const Value x = in(0), y = in(1);
  const std::string& op = e.text;
  if (op == "+") return b.add(x, y);
  if (op == "-") return b.sub(x, y);
  if (op == "*") return b.mul(x, y);
  if (op == "/") return b.div(x, y);
  if (op == "//") return b.emit(Op::floor_div, {x, y});
  if (op == "%") return b.emit(Op::mod, {x, y});
  if (op == "**") return b.emit(Op::power, {x, y});
  if (op == "<") return b.emit(Op::less, {x, y});
  if (op == "<=") return b.emit(Op::less_equal, {x, y});
  if (op == ">") return b.emit(Op::less, {y, x});
  if (op == ">=") return b.emit(Op::less_equal, {y, x});
  if (op == "==") return b.emit(Op::equal, {x, y});
  if (op == "!=") return b.emit(Op::not_equal, {x, y});
  return b.emit(op == "and" ? Op::logical_and : Op::logical_or, {x, y});
}

Value Emitter::draw(const char* name, SlotKind kind) {
  // Every occurrence is a draw of its own.
  return step_.load(step_.slot({std::string(name) + std::to_string(draws_++), kind, true, {}}));
}

Value Emitter::parameter(const std::string& name) {
  return step_.load(
      step_.slot({name, SlotKind::parameter, names_.lane(name), names_.dimension(name)}));
}

namespace {

// Variables hold conditions as numbers: 0 is false.
Value as_condition(Builder& b, const Expression& e, Value value) {
  if (e.type != ValueType::boolean || is_boolean(b.program().code[value].op)) return value;
  return b.emit(Op::not_equal, {value, b.constant(0)});
}

}  // namespace

Value Emitter::emit(const ExpressionPtr& e, const Environment& environment) {
  const auto child = [&](const ExpressionPtr& c) { return emit(c, environment); };
  if (e->kind == ExprKind::number) return step_.constant(e->value);
  if (e->type == ValueType::boolean && e->kind == ExprKind::name) {
    if (e->text == "True" || e->text == "true") return step_.boolean(true);
    if (e->text == "False" || e->text == "false") return step_.boolean(false);
  }
  if (e->type != ValueType::boolean && is_constant(*e)) return hoist(e);
  if (e->kind == ExprKind::name)
    return as_condition(step_, *e,
                        names_.constant(e->text) ? parameter(e->text) : environment(e->text));
  if (e->kind == ExprKind::call && e->text == "rand") return draw("rand", SlotKind::uniform);
  if (e->kind == ExprKind::call && e->text == "randn") return draw("randn", SlotKind::normal);
  // A division by a constant is a product with its reciprocal, computed once.
  if (e->kind == ExprKind::binary && e->text == "/" && is_constant(*e->children[1]))
    return step_.mul(child(e->children[0]),
                     hoist(symbolic::div(Expression::number(1), e->children[1])));
  return apply(step_, *e, child);
}

Value Emitter::emit_condition(const ExpressionPtr& e, const Environment& environment) {
  return emit(e, environment);
}

Value Emitter::emit_constant(const ExpressionPtr& e) {
  if (e->kind == ExprKind::number) return constants_.constant(e->value);
  if (e->text == "True" || e->text == "true") return constants_.boolean(true);
  if (e->text == "False" || e->text == "false") return constants_.boolean(false);
  if (e->kind == ExprKind::name)
    return as_condition(
        constants_, *e,
        constants_.load(constants_.slot(
            {e->text, SlotKind::parameter, names_.lane(e->text), names_.dimension(e->text)})));
  return apply(constants_, *e, [&](const ExpressionPtr& c) { return emit_constant(c); });
}

Value Emitter::derive(const std::string& name, Value value, bool lane, Dimension dimension) {
  double number = 0;
  if (constants_.constant_value(value, number)) return step_.constant(number);
  const Slot slot{name, SlotKind::derived, lane, dimension};
  constants_.store(constants_.slot(slot), value);
  return step_.load(step_.slot(slot));
}

Value Emitter::hoist(const ExpressionPtr& e) {
  if (e->kind == ExprKind::number) return step_.constant(e->value);
  if (together_) {
    if (e->kind == ExprKind::name) return as_condition(step_, *e, parameter(e->text));
    return apply(step_, *e, [&](const ExpressionPtr& c) { return hoist(c); });
  }
  if (e->kind == ExprKind::name) {
    return e->text == "dt" ? derive("dt_ms", emit_constant(e), false, e->dimension)
                           : parameter(e->text);
  }
  if (e->kind == ExprKind::unary && e->text == "-") return step_.neg(hoist(e->children[0]));
  return derive("(" + to_string(*e) + ")", emit_constant(e), is_lane(*e), e->dimension);
}

}  // namespace callosum::model
