#include "callosum/model/lexer.h"

#include <array>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

namespace callosum::model {
namespace {

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool continues_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

constexpr std::array<std::string_view, 7> long_symbols{"**", "//", "<=", ">=", "==", "!=", "+="};

}  // namespace

void syntax_error(const SourceText& source, Span span, std::string what, std::string expected) {
  const auto at = source.at(span);
  throw SyntaxError({.where = source.name,
                     .what = std::move(what),
                     .got = source.text.substr(span.begin, span.end - span.begin),
                     .expected = std::move(expected),
                     .nearest = {},
                     .location = at});
}

std::vector<Token> tokenize(const SourceText& source, Span span) {
  const std::string& text = source.text;
  std::vector<Token> tokens;
  int i = span.begin;
  while (i < span.end) {
    const char c = text[i];
    if (std::isspace(static_cast<unsigned char>(c)) || c == '\\') {
      ++i;
      continue;
    }
    if (c == '#') {
      while (i < span.end && text[i] != '\n') ++i;
      continue;
    }
    Token token;
    token.span.begin = i;
    if (begins_name(c)) {
      while (i < span.end && continues_name(text[i])) ++i;
      token.kind = TokenKind::name;
    } else if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') {
      const auto [end, problem] =
          std::from_chars(text.data() + i, text.data() + span.end, token.value);
      if (problem != std::errc()) syntax_error(source, {i, i + 1}, "this is no number");
      i = static_cast<int>(end - text.data());
      if (i < span.end && begins_name(text[i]))
        syntax_error(source, {token.span.begin, i + 1}, "a number and a name run together",
                     "an operator between them: 5*ms");
      token.kind = TokenKind::number;
    } else {
      token.kind = TokenKind::symbol;
      const std::string_view two = std::string_view(text).substr(i, std::min(2, span.end - i));
      bool found = false;
      for (std::string_view symbol : long_symbols) found = found || symbol == two;
      if (found) {
        i += 2;
      } else if (std::string_view("+-*/%<>(),").find(c) != std::string_view::npos) {
        ++i;
      } else if (c == '^') {
        syntax_error(source, {i, i + 1}, "'^' is no operator here", "'**' for a power");
      } else {
        syntax_error(source, {i, i + 1}, "unexpected character");
      }
    }
    token.span.end = i;
    token.text = text.substr(token.span.begin, i - token.span.begin);
    tokens.push_back(std::move(token));
  }
  tokens.push_back({TokenKind::end, "end of text", 0, {span.end, span.end}});
  return tokens;
}

}  // namespace callosum::model
