#include "callosum/model/expression.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace callosum::model {
namespace {

ExpressionPtr read(const std::string& text) {
  return parse_expression({"text", text, 1}, {0, static_cast<int>(text.size())});
}

// The tree with every operation in parentheses.
std::string tree(const Expression& e) {
  if (e.kind == ExprKind::number) return to_string(e);
  if (e.kind == ExprKind::name) return e.text;
  if (e.kind == ExprKind::unary) return "(" + e.text + " " + tree(*e.children[0]) + ")";
  if (e.kind == ExprKind::binary)
    return "(" + tree(*e.children[0]) + " " + e.text + " " + tree(*e.children[1]) + ")";
  std::string text = e.text + "(";
  for (std::size_t i = 0; i < e.children.size(); ++i)
    text += (i == 0 ? "" : ", ") + tree(*e.children[i]);
  return text + ")";
}

const std::vector<std::pair<std::string, std::string>> precedence{
    {"a + b*c", "(a + (b * c))"},
    {"a*b + c", "((a * b) + c)"},
    {"a - b - c", "((a - b) - c)"},
    {"a/b/c", "((a / b) / c)"},
    {"a/b*c", "((a / b) * c)"},
    {"a//b%c", "((a // b) % c)"},
    {"-a**2", "(- (a ** 2))"},
    {"(-a)**2", "((- a) ** 2)"},
    {"a**-b", "(a ** (- b))"},
    {"a**b**c", "(a ** (b ** c))"},
    {"(a**b)**c", "((a ** b) ** c)"},
    {"-a*b", "((- a) * b)"},
    {"a*-b", "(a * (- b))"},
    {"--a", "(- (- a))"},
    {"a < b and c > d", "((a < b) and (c > d))"},
    {"a < b or c < d and e < f", "((a < b) or ((c < d) and (e < f)))"},
    {"not a < b and c < d", "((not (a < b)) and (c < d))"},
    {"not (a < b and c < d)", "(not ((a < b) and (c < d)))"},
    {"a + b < c*d", "((a + b) < (c * d))"},
    {"exp(-a/b)*c", "(exp(((- a) / b)) * c)"},
    {"clip(a, 0, b + 1)", "clip(a, 0, (b + 1))"},
    {"rand() < p", "(rand() < p)"},
    {"a - (b - c)", "(a - (b - c))"},
    {"a/(b*c)", "(a / (b * c))"},
    {"1e-3 + .5 + 2.", "((0.001 + 0.5) + 2)"},
};

TEST(Expression, HasPythonsPrecedence) {
  for (const auto& [text, expected] : precedence) EXPECT_EQ(tree(*read(text)), expected) << text;
}

TEST(Expression, PrintsToTextThatReadsToTheSameTree) {
  for (const auto& [text, expected] : precedence) {
    const std::string printed = to_string(*read(text));
    EXPECT_EQ(tree(*read(printed)), expected) << printed;
    EXPECT_EQ(to_string(*read(printed)), printed);
  }
}

TEST(Expression, PrintsOnlyTheParenthesesThatAreNeeded) {
  EXPECT_EQ(to_string(*read("((a) + ((b)*(c)))")), to_string(*read("a + b*c")));
  EXPECT_EQ(to_string(*read("(a + b)*c")).find('('), 0u);
  EXPECT_EQ(to_string(*read("(a*b)/(c)")).find('('), std::string::npos);
}

TEST(Expression, NumbersPrintToTheSameBits) {
  for (double x : {0.1, 1.0 / 3, 1e-300, 123456789.123456789, 5e22, 1e300}) {
    const auto back = read(to_string(*Expression::number(x)));
    ASSERT_EQ(back->kind, ExprKind::number);
    EXPECT_EQ(back->value, x);
  }
}

struct Bad {
  std::string text;
  int line, column;
  std::string part;  // of the message
};

TEST(Expression, ErrorsShowLineColumnAndTheFix) {
  const std::vector<Bad> table{
      {"a ^ 2", 1, 3, "**"},
      {"a + ", 1, 5, "ends too early"},
      {"(a + b", 1, 1, "')'"},
      {"a + b)", 1, 6, "unexpected ')'"},
      {"a < b < c", 1, 7, "a < b and b < c"},
      {"5ms", 1, 1, "5*ms"},
      {"a $ b", 1, 3, "unexpected character"},
      {"a +\n  * b", 2, 3, "unexpected '*'"},
      {"exp(a", 1, 4, "')'"},
      {"", 1, 1, "missing"},
      {"a b", 1, 3, "unexpected 'b'"},
      {"f(a,, b)", 1, 5, "unexpected ','"},
      {"f(a,)", 1, 5, "unexpected ')'"},
      {"1 = 2", 1, 3, "unexpected character"},
  };
  for (const Bad& bad : table) {
    try {
      read(bad.text);
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const SyntaxError& error) {
      ASSERT_TRUE(error.detail().location) << bad.text;
      EXPECT_EQ(error.detail().location->line, bad.line) << error.what();
      EXPECT_EQ(error.detail().location->column, bad.column) << error.what();
      EXPECT_NE(std::string(error.what()).find(bad.part), std::string::npos) << error.what();
      const bool caret = std::string(error.what()).find('^') != std::string::npos;
      EXPECT_TRUE(caret || bad.text.empty()) << error.what();
    }
  }
}

TEST(Expression, DeepNestingIsRefusedInsteadOfExhaustingTheStack) {
  std::string unary_minus(100000, '-'), parentheses(100000, '('), powers = "a";
  for (int i = 0; i < 10000; ++i) powers += "**a";
  std::string sums = "a";
  for (int i = 0; i < 100000; ++i) sums += "+a";
  std::string negations;
  for (int i = 0; i < 10000; ++i) negations += "not ";
  for (const std::string& text :
       {unary_minus + "a", parentheses + "a", powers, sums, negations + "a"})
    EXPECT_THROW(read(text), SyntaxError);
}

}  // namespace
}  // namespace callosum::model
