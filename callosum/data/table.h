#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace callosum::data {

/// What stands between the cells of a line.
enum class Separator { comma, tab, blanks };

/// A table of text cells with named columns.
struct Table {
  std::string name;                            ///< where it came from, for errors
  std::vector<std::string> columns;            ///< the first line
  std::vector<std::vector<std::string>> rows;  ///< each as long as `columns`

  /// \throws NameError with the nearest column.
  std::size_t column(std::string_view name) const;
  std::vector<std::string> texts(std::string_view column) const;
  /// \throws FileError naming the row of a cell that is no number.
  std::vector<double> numbers(std::string_view column) const;
};

/// A table as text: first line names, cells with blanks around them trimmed; in comma-separated
/// ones quotes as in RFC 4180. Empty lines are passed over.
/// \throws FileError for a file without lines, a row of another length, a quote left open.
Table read_table(const std::filesystem::path& path, Separator separator = Separator::comma);
Table parse_table(std::string_view text, std::string name, Separator separator = Separator::comma);

/// A cell as a number. \throws FileError saying where when it is none, or not finite.
double number_in(const std::string& cell, const std::string& where);

}  // namespace callosum::data
