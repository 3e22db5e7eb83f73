#include "callosum/data/table.h"

#include <charconv>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/data/byte_reader.h"
#include "callosum/data/file_error.h"

namespace callosum::data {

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

/// Reads lines of cells; a quoted cell may hold line ends.
class Lines {
 public:
  Lines(std::string_view text, std::string name, Separator separator)
      : text_(text), name_(std::move(name)), separator_(separator) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  bool next(std::vector<std::string>& cells) {
    while (at_ < text_.size()) {
      cells.clear();
      line_ = ++lines_;
      if (separator_ == Separator::comma)
        quoted_line(cells);
      else
        plain_line(cells);
      if (cells.size() > 1 || (cells.size() == 1 && !cells[0].empty())) return true;
    }
    return false;
  }
  std::string where() const { return "file '" + name_ + "', line " + std::to_string(line_); }

 private:
  void plain_line(std::vector<std::string>& cells) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    const auto is_separator = [&](char c) {
      return separator_ == Separator::tab ? c == '\t' : blank(c);
    };
    while (true) {
      std::size_t cut = 0;
      while (cut < line.size() && !is_separator(line[cut])) ++cut;
      std::string cell = trimmed(line.substr(0, cut));
      if (separator_ == Separator::tab || !cell.empty()) cells.push_back(std::move(cell));
      if (cut == line.size()) return;
      line.remove_prefix(cut + 1);
    }
  }

  void quoted_line(std::vector<std::string>& cells) {
    std::string cell;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' && trimmed(cell).empty()) {
        cell = quoted_cell();
        quoted = true;
      } else if (c == ',' || c == '\n') {
        cells.push_back(quoted ? cell : trimmed(cell));
        cell.clear();
        quoted = false;
        if (c == ',') continue;
        ++at_;
        return;
      } else if (!quoted) {
        cell += c;
      } else if (!blank(c)) {
        throw file_error(where(), "a cell goes on after its closing quote", std::string(1, c),
                         "a comma or the end of the line");
      }
    }
    cells.push_back(quoted ? cell : trimmed(cell));
  }

  /// From an opening quote to the closing one, where it stops.
  std::string quoted_cell() {
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++lines_;
      if (text_[at_] == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') return cell;
        ++at_;
      }
      cell += text_[at_];
    }
    throw file_error(where(), "a quote is never closed");
  }

  std::string_view text_;
  std::string name_;
  Separator separator_;
  std::size_t at_ = 0;
  int lines_ = 0, line_ = 0;
};

}  // namespace

double number_in(const std::string& cell, const std::string& where) {
  double value = 0;
  const char* begin = cell.data() + (cell.starts_with('+') ? 1 : 0);
  const char* const end = cell.data() + cell.size();
  const auto [after, problem] = std::from_chars(begin, end, value);
  if (problem != std::errc() || after != end || !std::isfinite(value))
    throw file_error(where, "this is no number", cell, "a finite number");
  return value;
}

Table parse_table(std::string_view text, std::string name, Separator separator) {
  Table table;
  table.name = name;
  Lines lines(text, std::move(name), separator);
  if (!lines.next(table.columns))
    throw file_error("file '" + table.name + "'", "the table is empty", "",
                     "a line of column names");
  std::vector<std::string> row;
  while (lines.next(row)) {
    if (row.size() != table.columns.size())
      throw file_error(lines.where(), "the row does not have a cell a column",
                       std::to_string(row.size()) + " cells",
                       std::to_string(table.columns.size()) + " cells");
    table.rows.push_back(row);
  }
  return table;
}

Table read_table(const std::filesystem::path& path, Separator separator) {
  return parse_table(read_text(path), path.string(), separator);
}

std::size_t Table::column(std::string_view wanted) const {
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == wanted) return i;
    if (i < 20) list += (i ? ", " : "") + columns[i];
  }
  ErrorDetail detail;
  detail.where = "table '" + name + "'";
  detail.what = "no such column";
  detail.got = wanted;
  detail.expected = "one of " + list + (columns.size() > 20 ? ", ..." : "");
  detail.nearest = nearest_name(wanted, columns);
  throw NameError(std::move(detail));
}

std::vector<std::string> Table::texts(std::string_view wanted) const {
  const std::size_t i = column(wanted);
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[i]);
  return out;
}

std::vector<double> Table::numbers(std::string_view wanted) const {
  const std::size_t i = column(wanted);
  std::vector<double> out;
  for (const auto& row : rows)
    out.push_back(number_in(row[i], "file '" + name + "', row " + std::to_string(out.size() + 1) +
                                        ", column '" + columns[i] + "'"));
  return out;
}

}  // namespace callosum::data
