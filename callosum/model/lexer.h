#pragma once

#include <string>
#include <vector>

#include "callosum/model/expression.h"

namespace callosum::model {

enum class TokenKind { number, name, symbol, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  double value = 0;
  Span span;
};

/// The tokens of source.text[span], an `end` token last. White space (line ends too) separates.
/// Throws SyntaxError with a caret for a character that begins no token.
std::vector<Token> tokenize(const SourceText& source, Span span);

/// Throws SyntaxError pointing at `span` of `source`.
[[noreturn]] void syntax_error(const SourceText& source, Span span, std::string what,
                               std::string expected = {});

}  // namespace callosum::model
