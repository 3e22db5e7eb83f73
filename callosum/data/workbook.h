#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "callosum/data/table.h"

namespace callosum::data {

/// The first sheet of a workbook (Office Open XML, .xlsx) as a table of text cells: its first row
/// names the columns, numbers stand as the file writes them, cells left out are "". Formulas give
/// the value that was stored with them; formats and further sheets are passed over.
/// \throws FileError for a file that is no workbook, is damaged, or holds more than ten million
/// cells.
Table read_workbook(const std::filesystem::path& path);
/// The same from memory; `name` stands in errors.
Table parse_workbook(std::span<const std::uint8_t> bytes, std::string name);

}  // namespace callosum::data
