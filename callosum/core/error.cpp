#include "callosum/core/error.h"

#include <algorithm>
#include <limits>

namespace callosum {
namespace {

/// The line and a caret below the column. Tabs stay tabs, and the bytes of one UTF-8 character
/// count once, so the caret stands under what the user sees.
std::string excerpt(const SourceLocation& at) {
  std::string out = "\n  ";
  if (!at.file.empty()) out += at.file + ":";
  out += std::to_string(at.line) + ":" + std::to_string(at.column);
  if (at.text.empty()) return out;
  out += "\n    " + at.text + "\n    ";
  const auto before =
      std::min(at.text.size(), static_cast<std::size_t>(std::max(at.column - 1, 0)));
  for (std::size_t i = 0; i < before; ++i) {
    const auto byte = static_cast<unsigned char>(at.text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    out += byte == '\t' ? '\t' : ' ';
  }
  return out + "^";
}

std::string join(const std::vector<ErrorDetail>& details) {
  if (details.size() == 1) return message(details.front());
  std::string out = std::to_string(details.size()) + " errors:";
  for (const auto& detail : details) out += "\n" + message(detail);
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment distance: insertions, deletions, substitutions and transpositions of
/// neighbours, each part edited once.
std::size_t distance(std::string_view a, std::string_view b, bool ignore_case) {
  const auto same = [&](char x, char y) { return ignore_case ? lower(x) == lower(y) : x == y; };
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + !same(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

Error::Error(ErrorDetail detail)
    : std::runtime_error(message(detail)), detail_(std::move(detail)) {}

ErrorList::ErrorList(std::vector<ErrorDetail> details)
    : Error(details.size() == 1 ? details.front() : ErrorDetail{.what = join(details)}),
      details_(std::move(details)) {}

std::string message(const ErrorDetail& detail) {
  std::string out;
  if (!detail.where.empty()) out += "[" + detail.where + "] ";
  out += detail.what;
  std::string_view separator = ": ";
  if (!detail.got.empty()) {
    out += ": got " + detail.got;
    separator = ", ";
  }
  if (!detail.expected.empty()) out += std::string(separator) + "expected " + detail.expected;
  if (!detail.nearest.empty()) out += "; did you mean '" + detail.nearest + "'?";
  if (detail.location) out += excerpt(*detail.location);
  return out;
}

std::string nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::size_t best_exact = best;
  std::string_view found;
  for (const auto& candidate : candidates) {
    const std::size_t limit = std::max<std::size_t>(1, std::max(name.size(), candidate.size()) / 3);
    const std::size_t d = distance(name, candidate, true);
    // Nothing in common is no slip of the pen: "x" is not a mistyped "y".
    if (d > limit || d >= std::max(name.size(), candidate.size())) continue;
    const std::size_t exact = distance(name, candidate, false);
    if (d > best || (d == best && exact >= best_exact)) continue;
    best = d;
    best_exact = exact;
    found = candidate;
  }
  return std::string(found);
}

}  // namespace callosum
