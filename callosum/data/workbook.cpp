#include "callosum/data/workbook.h"

#include <charconv>
#include <optional>

#include "callosum/data/byte_reader.h"
#include "callosum/data/file_error.h"
#include "callosum/data/zip.h"

namespace callosum::data {
namespace {

constexpr std::size_t most_cells = 10'000'000, most_bytes = std::size_t{1} << 28;

/// Elements of an XML text, one after the other: what stands in "<...>" and the text behind it.
class Elements {
 public:
  explicit Elements(std::string_view text) : text_(text) {}

  bool next() {
    const std::size_t begin = text_.find('<', at_);
    if (begin == std::string_view::npos) return false;
    const std::size_t end = text_.find('>', begin);
    if (end == std::string_view::npos) return false;
    tag_ = text_.substr(begin + 1, end - begin - 1);
    at_ = end + 1;
    content_ = text_.substr(at_, std::min(text_.find('<', at_), text_.size()) - at_);
    return true;
  }
  /// "c" or "/c".
  std::string_view name() const { return tag_.substr(0, tag_.find_first_of(" \t\r\n/", 1)); }
  bool is_empty() const { return tag_.ends_with('/'); }
  std::string_view attribute(std::string_view wanted) const {
    for (std::size_t at = tag_.find(wanted); at != std::string_view::npos;
         at = tag_.find(wanted, at + 1)) {
      const std::size_t quote = at + wanted.size() + 1;
      if (at == 0 || tag_[at - 1] != ' ' || quote >= tag_.size() || tag_[quote - 1] != '=')
        continue;
      const std::size_t end = tag_.find(tag_[quote], quote + 1);
      if (end != std::string_view::npos) return tag_.substr(quote + 1, end - quote - 1);
    }
    return {};
  }
  std::string text() const;

 private:
  std::string_view text_, tag_, content_;
  std::size_t at_ = 0;
};

/// The text behind the tag, entities resolved; one that is not known stays as it is.
std::string Elements::text() const {
  constexpr std::pair<std::string_view, char> entities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string out;
  for (std::size_t k = 0; k < content_.size();) {
    bool known = false;
    for (const auto& [entity, c] : entities)
      if (content_.substr(k).starts_with(entity)) {
        out += c;
        k += entity.size();
        known = true;
        break;
      }
    if (!known) out += content_[k++];
  }
  return out;
}

class Workbook {
 public:
  Workbook(ZipFile zip, std::string name) : zip_(std::move(zip)), name_(std::move(name)) {}

  Table table() {
    if (const auto shared = member("xl/sharedStrings.xml")) read_strings(*shared);
    const auto sheet = member("xl/worksheets/sheet1.xml");
    if (!sheet) refuse("no sheet is found", "", "xl/worksheets/sheet1.xml, as in an .xlsx file");
    Table table;
    table.name = name_;
    read_sheet(*sheet, table);
    if (table.columns.empty()) refuse("the sheet is empty", "", "a first row of column names");
    return table;
  }

 private:
  [[noreturn]] void refuse(std::string what, std::string got = {}, std::string expected = {}) {
    throw file_error("file '" + name_ + "'", std::move(what), std::move(got), std::move(expected));
  }

  std::optional<std::string> member(std::string_view path) {
    for (const ZipMember& m : zip_.members())
      if (m.name == path) {
        const auto bytes = zip_.read(m, most_bytes);
        return std::string(bytes.begin(), bytes.end());
      }
    return std::nullopt;
  }

  // <si> holds one string, perhaps in several <t>.
  void read_strings(const std::string& xml) {
    for (Elements e(xml); e.next();) {
      if (e.name() == "si") strings_.emplace_back();
      if (e.name() == "t" && !strings_.empty()) strings_.back() += e.text();
    }
  }

  void read_sheet(const std::string& xml, Table& table) {
    std::vector<std::string> row;
    std::size_t cells = 0, column = 0;
    std::string kind;
    const auto put = [&](std::string text) {
      if (column >= row.size()) {
        cells += column + 1 - row.size();
        if (cells > most_cells) refuse("the sheet is too large", {}, "at most 10,000,000 cells");
        row.resize(column + 1);
      }
      row[column] += text;
    };
    for (Elements e(xml); e.next();) {
      const std::string_view name = e.name();
      if (name == "c") {
        const std::string_view place = e.attribute("r");
        column = place.empty() ? row.size() : column_of(place);
        kind = e.attribute("t");
      } else if (name == "v" && !e.is_empty()) {
        put(kind == "s" ? shared(e.text()) : e.text());
      } else if (name == "t" && kind == "inlineStr") {
        put(e.text());
      } else if (name == "/row") {
        close_row(row, table);
        row.clear();
      }
    }
  }

  void close_row(std::vector<std::string>& row, Table& table) {
    if (row.empty()) return;
    if (table.columns.empty()) {
      table.columns = row;
      return;
    }
    if (row.size() > table.columns.size())
      refuse("row " + std::to_string(table.rows.size() + 2) + " is longer than the first",
             std::to_string(row.size()) + " cells",
             "at most " + std::to_string(table.columns.size()));
    row.resize(table.columns.size());
    table.rows.push_back(row);
  }

  // "AB12" is in column 27.
  std::size_t column_of(std::string_view place) {
    std::size_t column = 0;
    for (const char c : place) {
      if (c < 'A' || c > 'Z') break;
      column = 26 * column + static_cast<std::size_t>(c - 'A' + 1);
      if (column > 16384) break;
    }
    if (column < 1 || column > 16384)
      refuse("a cell has no column", std::string(place), "A1 to XFD1048576");
    return column - 1;
  }

  std::string shared(const std::string& index) {
    std::size_t k = 0;
    const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), k);
    if (error != std::errc() || end != index.data() + index.size() || k >= strings_.size())
      refuse("a cell names a string that is not there", index,
             std::to_string(strings_.size()) + " strings");
    return strings_[k];
  }

  ZipFile zip_;
  std::string name_;
  std::vector<std::string> strings_;
};

}  // namespace

Table read_workbook(const std::filesystem::path& path) {
  return Workbook(ZipFile(path), path.string()).table();
}

Table parse_workbook(std::span<const std::uint8_t> bytes, std::string name) {
  return Workbook(ZipFile(bytes, name), name).table();
}

}  // namespace callosum::data
