#include "callosum/format/findings.h"

#include <algorithm>

namespace callosum::format {
namespace {

[[noreturn]] void raise_as(std::string_view kind, const ErrorDetail& detail) {
  if (kind == "syntax") throw SyntaxError(detail);
  if (kind == "name") throw NameError(detail);
  if (kind == "unit") throw UnitError(detail);
  if (kind == "shape") throw ShapeError(detail);
  if (kind == "unsupported") throw UnsupportedError(detail);
  if (kind == "file") throw FileError(detail);
  if (kind == "resource") throw ResourceError(detail);
  throw ValueError(detail);
}

bool same(const ErrorDetail& a, const ErrorDetail& b) { return message(a) == message(b); }

std::string listed(std::span<const std::string> names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

void Findings::add(std::string_view kind, ErrorDetail detail) {
  const auto known = [&](const Found& found) { return same(found.detail, detail); };
  if (std::any_of(found_.begin(), found_.end(), known)) return;
  found_.push_back({std::string(kind), std::move(detail)});
}

void Findings::unknown_key(const Node& node, const std::string& where,
                           std::span<const std::string> allowed) {
  add("name", {.where = where,
               .what = "unknown key",
               .got = "'" + node.key + "'",
               .expected = allowed.empty() ? "no keys" : "one of " + listed(allowed),
               .nearest = nearest_name(node.key, allowed),
               .location = node.line > 0 ? std::optional(document_.at_key(node)) : std::nullopt});
}

void Findings::wrong_kind(const Node& node, const std::string& where, const std::string& expected) {
  std::string got(node.kind_name());
  const auto shown = node.shown();
  if (shown != got) got += ", " + shown;
  add("value", {.where = where,
                .what = node.key.empty() ? "wrong kind of value"
                                         : "wrong kind of value for '" + node.key + "'",
                .got = got,
                .expected = expected,
                .location = place(node)});
}

std::optional<SourceLocation> Findings::place(const Node& node) const {
  if (node.line <= 0) return std::nullopt;
  return document_.at_value(node);
}

bool Findings::attempt(const Node& node, const std::string& where,
                       const std::function<void()>& work) {
  const auto keep = [&](std::string_view kind, ErrorDetail detail) {
    if (!detail.location || detail.location->line == 0 || detail.location->file.empty()) {
      int column = node.column;
      // A place within a string value: its first character stands behind the quote.
      if (detail.location && node.is_text() && node.line == node.end_line)
        column += detail.location->column;
      // What --set gave stands on no line.
      detail.location.reset();
      if (node.line > 0) detail.location = document_.at(node.line, column);
    }
    // The longer of two descriptions of the same place, or both.
    if (where.find(detail.where) != std::string::npos)
      detail.where = where;
    else if (detail.where.find(where) == std::string::npos)
      detail.where = where + ", " + detail.where;
    add(kind, std::move(detail));
  };
  try {
    work();
    return true;
  } catch (const ErrorList& list) {
    for (const auto& detail : list.details()) keep("syntax", detail);
  } catch (const Error& error) {
    keep(error.kind(), error.detail());
  }
  return false;
}

void Findings::raise() const {
  if (found_.empty()) return;
  if (found_.size() == 1) raise_as(found_.front().kind, found_.front().detail);
  std::vector<ErrorDetail> details;
  for (const auto& found : found_) details.push_back(found.detail);
  std::stable_sort(details.begin(), details.end(), [](const ErrorDetail& a, const ErrorDetail& b) {
    const auto place = [](const ErrorDetail& d) {
      return d.location ? std::pair(d.location->line, d.location->column) : std::pair(0, 0);
    };
    return place(a) < place(b);
  });
  throw ErrorList(std::move(details));
}

}  // namespace callosum::format
