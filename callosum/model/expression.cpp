#include "callosum/model/expression.h"

#include <algorithm>
#include <utility>

#include "callosum/core/decimal.h"

namespace callosum::model {
namespace {

std::shared_ptr<Expression> node(ExprKind kind, std::string text,
                                 std::vector<ExpressionPtr> children, Span span) {
  auto e = std::make_shared<Expression>();
  e->kind = kind;
  e->text = std::move(text);
  e->children = std::move(children);
  e->span = span;
  return e;
}

// How tightly an operator binds; Python's order.
int binding(const Expression& e) {
  if (e.kind == ExprKind::unary) return e.text == "not" ? 3 : 7;
  if (e.kind != ExprKind::binary) return 9;
  if (e.text == "or") return 1;
  if (e.text == "and") return 2;
  if (e.text == "+" || e.text == "-") return 5;
  if (e.text == "*" || e.text == "/" || e.text == "//" || e.text == "%") return 6;
  if (e.text == "**") return 8;
  return 4;
}

std::string wrapped(const Expression& e, bool parentheses) {
  return parentheses ? "(" + to_string(e) + ")" : to_string(e);
}

}  // namespace

SourceLocation SourceText::at(Span span) const {
  const auto size = static_cast<int>(text.size());
  const int position = std::clamp(span.begin, 0, size);
  const auto here = text.begin() + position;
  const auto line_start = std::find(std::make_reverse_iterator(here), text.rend(), '\n').base();
  const auto line_end = std::find(here, text.end(), '\n');
  SourceLocation location;
  location.file = file.empty() ? name : file;
  location.line = first_line + static_cast<int>(std::count(text.begin(), here, '\n'));
  location.column = static_cast<int>(here - line_start) + 1;
  location.text.assign(line_start, line_end);
  if (line_start == text.begin()) {
    location.text.insert(0, before);
    location.column += static_cast<int>(before.size());
  }
  if (line_end == text.end()) location.text += after;
  return location;
}

ExpressionPtr Expression::number(double value, Dimension dimension, Span span) {
  auto e = node(ExprKind::number, "", {}, span);
  e->value = value;
  e->dimension = dimension;
  return e;
}
ExpressionPtr Expression::name(std::string name, Span span) {
  return node(ExprKind::name, std::move(name), {}, span);
}
ExpressionPtr Expression::unary(std::string op, ExpressionPtr a, Span span) {
  return node(ExprKind::unary, std::move(op), {std::move(a)}, span);
}
ExpressionPtr Expression::binary(std::string op, ExpressionPtr a, ExpressionPtr b, Span span) {
  return node(ExprKind::binary, std::move(op), {std::move(a), std::move(b)}, span);
}
ExpressionPtr Expression::call(std::string function, std::vector<ExpressionPtr> args, Span span) {
  return node(ExprKind::call, std::move(function), std::move(args), span);
}

std::string to_string(const Expression& e) {
  switch (e.kind) {
    case ExprKind::number:
      return decimal::text(decimal::digits(e.value), 0);
    case ExprKind::name:
      return e.text;
    case ExprKind::unary: {
      const Expression& a = *e.children[0];
      const std::string inner = wrapped(a, binding(a) < binding(e));
      return e.text == "not" ? "not " + inner : e.text + inner;
    }
    case ExprKind::call: {
      std::string text = e.text + "(";
      for (std::size_t i = 0; i < e.children.size(); ++i)
        text += (i > 0 ? ", " : "") + to_string(*e.children[i]);
      return text + ")";
    }
    case ExprKind::binary:
      break;
  }
  const Expression &a = *e.children[0], &b = *e.children[1];
  const int own = binding(e);
  if (e.text == "**")  // right-associative; a minus on the right needs no parentheses
    return wrapped(a, binding(a) <= own) + "**" + wrapped(b, binding(b) < 7);
  const bool compare = own == 4;
  return wrapped(a, binding(a) < own || (compare && binding(a) == own)) + " " + e.text + " " +
         wrapped(b, binding(b) <= own);
}

}  // namespace callosum::model
