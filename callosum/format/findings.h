#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/format/document.h"

namespace callosum::format {

/// Collects what is wrong in a file, so that the user sees everything at once.
class Findings {
 public:
  explicit Findings(const Document& document) : document_(document) {}

  /// `kind` is that of an Error: "syntax", "name", "unit", "value", "shape" ...
  void add(std::string_view kind, ErrorDetail detail);
  void unknown_key(const Node& node, const std::string& where,
                   std::span<const std::string> allowed);
  void wrong_kind(const Node& node, const std::string& where, const std::string& expected);
  /// Runs `work`; errors it throws are added, at the place of `node` unless they have one.
  /// False if it threw.
  bool attempt(const Node& node, const std::string& where, const std::function<void()>& work);

  bool none() const { return found_.empty(); }
  /// Throws the one error found by its own type, several as ErrorList; returns when none.
  void raise() const;

  const Document& document() const { return document_; }
  /// Where a value stands; nowhere for one that --set gave.
  std::optional<SourceLocation> place(const Node& node) const;

 private:
  struct Found {
    std::string kind;
    ErrorDetail detail;
  };
  const Document& document_;
  std::vector<Found> found_;
};

}  // namespace callosum::format
