#include "callosum/core/toml_characters.h"

#include <algorithm>

#include "callosum/core/error.h"

namespace callosum {
namespace {

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (starts("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark
  }

  void scan() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == '"' || c == '\'')
        skip_string(c);
      else if (static_cast<unsigned char>(c) >= 0x80)
        refuse();
      else
        ++at_;
    }
  }

 private:
  bool starts(std::string_view token) const { return text_.substr(at_, token.size()) == token; }

  /// An unclosed string of one line ends with the line: the parser will say so.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool lines = starts(three);
    at_ += lines ? 3 : 1;
    while (at_ < text_.size()) {
      if (quote == '"' && text_[at_] == '\\') {
        at_ += lines || text_.substr(at_ + 1, 1) != "\n" ? 2 : 1;
      } else if (lines && starts(three)) {
        at_ += 3;
        // Up to two quotes may stand before the closing three.
        for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
        return;
      } else if (!lines && (text_[at_] == quote || text_[at_] == '\n')) {
        ++at_;
        return;
      } else {
        ++at_;
      }
    }
  }

  [[noreturn]] void refuse() const {
    const auto before = text_.substr(0, at_);
    const auto begin = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    SourceLocation place{file_, 1, static_cast<int>(at_ - begin) + 1, {}};
    for (char c : before) place.line += c == '\n';
    place.text = text_.substr(begin, text_.find_first_of("\r\n", at_) - begin);
    throw SyntaxError({.what = "this is not TOML: a character outside ASCII needs quotes here",
                       .location = place});
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
};

}  // namespace

void check_toml_characters(std::string_view text, const std::string& file) {
  Scanner(text, file).scan();
}

}  // namespace callosum
