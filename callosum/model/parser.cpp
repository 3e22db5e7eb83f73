#include <array>
#include <utility>

#include "callosum/model/lexer.h"

namespace callosum::model {
namespace {

// Deep enough for any model, shallow enough for any stack.
constexpr int deepest = 200;

// Recursive descent, one function a level of precedence (Python's).
class Parser {
 public:
  Parser(const SourceText& source, Span span) : source_(source), tokens_(tokenize(source, span)) {}

  ExpressionPtr whole() {
    if (at_end()) syntax_error(source_, next().span, "an expression is missing");
    ExpressionPtr e = disjunction();
    if (!at_end())
      syntax_error(source_, next().span, "unexpected '" + next().text + "'",
                   "an operator or the end");
    return e;
  }

 private:
  const Token& next() const { return tokens_[position_]; }
  bool at_end() const { return next().kind == TokenKind::end; }
  bool is(std::string_view text) const {
    return !at_end() && next().kind != TokenKind::number && next().text == text;
  }
  Token take() { return tokens_[position_++]; }
  static Span join(const Expression& a, const Expression& b) { return {a.span.begin, b.span.end}; }

  template <class Level>
  ExpressionPtr left(std::initializer_list<std::string_view> operators, Level level) {
    ExpressionPtr a = level();
    for (int chain = 0;; ++chain) {
      bool found = false;
      for (std::string_view op : operators) found = found || is(op);
      if (!found) return a;
      if (chain > 10 * deepest) too_deep();
      const std::string op = take().text;
      ExpressionPtr b = level();
      const Span span = join(*a, *b);
      a = Expression::binary(op, std::move(a), std::move(b), span);
    }
  }

  ExpressionPtr disjunction() {
    const Depth guard(*this);
    return left({"or"}, [&] { return left({"and"}, [&] { return negation(); }); });
  }
  ExpressionPtr negation() {
    if (!is("not")) return comparison();
    const Depth guard(*this);
    const Token op = take();
    ExpressionPtr a = negation();
    const Span span{op.span.begin, a->span.end};
    return Expression::unary("not", std::move(a), span);
  }
  ExpressionPtr comparison() {
    ExpressionPtr a = sum();
    for (std::string_view op : {"<=", ">=", "==", "!=", "<", ">"})
      if (is(op)) {
        take();
        ExpressionPtr b = sum();
        for (std::string_view again : {"<=", ">=", "==", "!=", "<", ">"})
          if (is(again))
            syntax_error(source_, next().span, "comparisons cannot be chained",
                         "'a < b and b < c'");
        const Span span = join(*a, *b);
        return Expression::binary(std::string(op), std::move(a), std::move(b), span);
      }
    return a;
  }
  ExpressionPtr sum() {
    return left({"+", "-"}, [&] {
      return left({"*", "//", "/", "%"}, [&] { return signed_power(); });
    });
  }
  ExpressionPtr signed_power() {
    if (!is("-") && !is("+")) return power();
    const Depth guard(*this);
    const Token op = take();
    ExpressionPtr a = signed_power();
    const Span span{op.span.begin, a->span.end};
    return Expression::unary(op.text, std::move(a), span);
  }
  ExpressionPtr power() {
    ExpressionPtr base = primary();
    if (!is("**")) return base;
    const Depth guard(*this);
    take();
    ExpressionPtr exponent = signed_power();
    const Span span = join(*base, *exponent);
    return Expression::binary("**", std::move(base), std::move(exponent), span);
  }
  ExpressionPtr primary() {
    const Depth guard(*this);
    if (next().kind == TokenKind::number) {
      const Token token = take();
      return Expression::number(token.value, {}, token.span);
    }
    if (is("(")) {
      const Token open = take();
      ExpressionPtr inside = disjunction();
      close(open);
      return inside;
    }
    if (next().kind == TokenKind::name && next().text != "and" && next().text != "or")
      return name();
    syntax_error(source_, next().span,
                 at_end() ? "the expression ends too early" : "unexpected '" + next().text + "'",
                 "a number, a name or '('");
  }
  ExpressionPtr name() {
    const Token token = take();
    if (!is("(")) return Expression::name(token.text, token.span);
    const Token open = take();
    std::vector<ExpressionPtr> arguments;
    if (!is(")") && !at_end()) arguments.push_back(disjunction());
    while (is(",")) {
      take();
      arguments.push_back(disjunction());
    }
    const int end = close(open);
    return Expression::call(token.text, std::move(arguments), {token.span.begin, end});
  }
  int close(const Token& open) {
    if (!is(")"))
      syntax_error(source_, at_end() ? open.span : next().span, "this '(' or call has no ')'",
                   "')'");
    return take().span.end;
  }

  [[noreturn]] void too_deep() const {
    syntax_error(source_, {next().span.begin, next().span.begin},
                 "the expression is nested too deeply");
  }
  struct Depth {
    explicit Depth(Parser& parser) : parser(parser) {
      if (++parser.depth_ > deepest) parser.too_deep();
    }
    ~Depth() { --parser.depth_; }
    Parser& parser;
  };

  const SourceText& source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace

ExpressionPtr parse_expression(const SourceText& source, Span span) {
  return Parser(source, span).whole();
}

}  // namespace callosum::model
