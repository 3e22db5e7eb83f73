#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/units.h"

namespace callosum::model {

/// Where in a model's text something stands: offsets into `SourceText::text`.
struct Span {
  int begin = 0;
  int end = 0;
};

/// A piece of text the user wrote, kept so that errors can show the line and a caret.
struct SourceText {
  std::string name;  ///< "equations of 'lif'"
  std::string text;
  int first_line = 1;  ///< line of the first character within the user's file
  /// The file whose lines these are; empty: the text stands for itself and errors show it alone.
  std::string file = {};
  /// The first line within that file as far as the text: `reset = "` before `v = 0*mV`.
  std::string before = {};
  std::string after = {};  ///< what follows the text on its last line
  SourceLocation at(Span span) const;
};

enum class ValueType { real, integer, boolean };

enum class ExprKind {
  number,  ///< `value`; `dimension` set when it came from a unit; internal units
  name,    ///< `text`
  unary,   ///< `text` is "-", "+" or "not"; one child
  binary,  ///< + - * / // % ** < <= > >= == != and or ; two children
  call,    ///< `text` is the function; children are arguments
};

class Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

/// An immutable tree. After `check_units` every node has its dimension and type, and every quantity
/// is a plain number in internal units.
class Expression {
 public:
  ExprKind kind;
  std::string text;
  double value = 0;
  std::vector<ExpressionPtr> children;
  Span span;
  Dimension dimension;
  ValueType type = ValueType::real;

  static ExpressionPtr number(double value, Dimension dimension = {}, Span span = {});
  static ExpressionPtr name(std::string name, Span span = {});
  static ExpressionPtr unary(std::string op, ExpressionPtr a, Span span = {});
  static ExpressionPtr binary(std::string op, ExpressionPtr a, ExpressionPtr b, Span span = {});
  static ExpressionPtr call(std::string function, std::vector<ExpressionPtr> args, Span span = {});
};

/// Back to text, with only the parentheses that are needed. Parsing it gives the same tree.
std::string to_string(const Expression& e);

/// Reads one expression of `source` between the offsets of `span`. Brian2's operators and
/// precedence (Python's: unary minus binds looser than **). Throws SyntaxError with a caret.
ExpressionPtr parse_expression(const SourceText& source, Span span);

}  // namespace callosum::model
