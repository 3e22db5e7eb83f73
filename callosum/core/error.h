#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace callosum {

/// A place in a text the user wrote. `line` and `column` count from 1; `text` is the whole line.
struct SourceLocation {
  std::string file;  ///< path, or a name such as "equations of 'lif'"; may be empty
  int line = 0;
  int column = 0;
  std::string text;
};

/// What an error says. Every part but `what` may be empty; the message is composed in one place.
struct ErrorDetail {
  std::string where = {};     ///< the object: "population 'exc'", "parameter 'tau_m' of 'lif'"
  std::string what = {};      ///< what is wrong, one sentence without a full stop
  std::string got = {};       ///< the offending value as the user wrote it
  std::string expected = {};  ///< what would be accepted: a range, a unit, a form
  std::string nearest = {};   ///< nearest valid name, offered as "did you mean ..."
  std::optional<SourceLocation> location = {};
};

/// Base of everything the library throws on purpose. The message reads
/// `[where] what: got G, expected E; did you mean 'N'?` and, with a location, the line and a caret.
class Error : public std::runtime_error {
 public:
  explicit Error(ErrorDetail detail);
  const ErrorDetail& detail() const { return detail_; }
  /// The name of the kind, for machines: "syntax", "name", "unit", ...
  virtual std::string_view kind() const { return "error"; }

 private:
  ErrorDetail detail_;
};

#define CALLOSUM_DECLARE_ERROR(Class, Kind)                                     \
  class Class : public Error { /* NOLINT(bugprone-macro-parentheses): a name */ \
   public:                                                                      \
    using Error::Error;                                                         \
    std::string_view kind() const override { return Kind; }                     \
  }

CALLOSUM_DECLARE_ERROR(SyntaxError, "syntax");  ///< a text that cannot be read
CALLOSUM_DECLARE_ERROR(NameError, "name");      ///< an unknown, unused or doubled name
CALLOSUM_DECLARE_ERROR(UnitError, "unit");      ///< dimensions that do not agree
CALLOSUM_DECLARE_ERROR(ValueError, "value");    ///< a value outside its range, or off grid
CALLOSUM_DECLARE_ERROR(ShapeError, "shape");    ///< sizes that do not fit together
CALLOSUM_DECLARE_ERROR(UnsupportedError, "unsupported");  ///< legal, but not for this use
CALLOSUM_DECLARE_ERROR(NumericalError, "numerical");      ///< NaN or infinity during a run
CALLOSUM_DECLARE_ERROR(FileError, "file");                ///< missing, unreadable or corrupt file
CALLOSUM_DECLARE_ERROR(ResourceError, "resource");        ///< does not fit this machine
CALLOSUM_DECLARE_ERROR(Interrupted, "interrupted");       ///< stopped on request
#undef CALLOSUM_DECLARE_ERROR

/// Several errors of one text, found in one pass; the message lists them all.
class ErrorList : public Error {
 public:
  explicit ErrorList(std::vector<ErrorDetail> details);
  const std::vector<ErrorDetail>& details() const { return details_; }
  std::string_view kind() const override { return "several"; }

 private:
  std::vector<ErrorDetail> details_;
};

/// The text of one error as `Error::what()` shows it.
std::string message(const ErrorDetail& detail);

/// The candidate nearest to `name` (edit distance with transpositions, case ignored), or "" when
/// none is near enough to be a likely slip of the pen.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace callosum
