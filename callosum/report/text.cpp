#include "callosum/report/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace callosum::report {

namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Width over font size of Helvetica's letters, in four classes; letters beyond ASCII count as
/// wide.
double relative_width(char c) {
  if (std::string_view("iljtfI.,:;'|!()[]/ ").find(c) != std::string_view::npos) return 0.31;
  if (std::string_view("mwMW@%").find(c) != std::string_view::npos) return 0.88;
  if (c >= 'A' && c <= 'Z') return 0.7;
  return static_cast<unsigned char>(c) < 0x80 ? 0.56 : 0.8;
}

std::string with_separators(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
          out += "\xef\xbf\xbd";
        else
          out += c;
    }
  return out;
}

std::string grouped(std::uint64_t number) { return with_separators(std::to_string(number)); }

std::string fixed(double number, int decimals) {
  if (std::isnan(number)) return "n/a";
  if (std::isinf(number)) return number > 0 ? "∞" : "-∞";
  char buffer[400];
  auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, decimals);
  std::string text(buffer, end.ptr);
  if (text.find_first_not_of("-0.") == std::string::npos && text[0] == '-') text.erase(0, 1);
  return text;
}

std::string rounded(double number, int digits) {
  if (!std::isfinite(number)) return fixed(number, 0);
  const double size = std::fabs(number);
  if (size != 0 && (size < 1e-4 || size >= 1e15)) {
    char buffer[64];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific,
                             std::max(0, digits - 1));
    return std::string(buffer, end.ptr);
  }
  const int magnitude = size == 0 ? 0 : static_cast<int>(std::floor(std::log10(size)));
  std::string text = fixed(number, std::max(0, digits - 1 - magnitude));
  std::string fraction;
  if (const auto point = text.find('.'); point != std::string::npos) {
    fraction = text.substr(point);
    text.resize(point);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (fraction == ".") fraction.clear();
  }
  const bool negative = text[0] == '-';
  text = with_separators(std::string_view(text).substr(negative ? 1 : 0));
  return (negative ? "-" : "") + text + fraction;
}

std::string duration(double ms) {
  if (std::fabs(ms) < 1000) return rounded(ms, 4) + " ms";
  return rounded(ms / 1000, 4) + " s";
}

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (char c : text)
    if (!continues(c)) width += relative_width(c);
  return width * font_size;
}

std::string fitted(std::string_view text, double pixels, double font_size) {
  if (text_width(text, font_size) <= pixels) return std::string(text);
  double width = 0.9 * font_size;  // the ellipsis
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues(text[i])) continue;
    width += relative_width(text[i]) * font_size;
    if (width > pixels) break;
    end = i + 1;
    while (end < text.size() && continues(text[end])) ++end;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace callosum::report
