#include "callosum/format/model_reader.h"

#include <algorithm>

#include "callosum/format/write_values.h"

namespace callosum::format {
namespace {

/// Writes pieces of a document at the lines and columns they had.
class Transcript {
 public:
  explicit Transcript(const Document& document) : document_(document) {}

  void put(int line, int column, const std::string& text) {
    while (line_ < line) {
      text_ += '\n';
      ++line_;
      column_ = 1;
    }
    if (column_ < column) {
      text_ += std::string(static_cast<std::size_t>(column - column_), ' ');
      column_ = column;
    }
    text_ += text;
    const auto breaks = std::count(text.begin(), text.end(), '\n');
    line_ += static_cast<int>(breaks);
    column_ = breaks ? static_cast<int>(text.size() - text.rfind('\n'))
                     : column_ + static_cast<int>(text.size());
  }

  /// The value of an entry as it stands in the file.
  std::string source(const Node& node) const {
    std::string out;
    for (int line = node.line; line <= node.end_line; ++line) {
      const std::string& text = document_.lines.at(static_cast<std::size_t>(line - 1));
      const auto size = static_cast<int>(text.size());
      const int begin = line == node.line ? node.column - 1 : 0;
      const int end = line == node.end_line ? node.end_column - 1 : size;
      out += text.substr(static_cast<std::size_t>(std::min(begin, size)),
                         static_cast<std::size_t>(std::max(std::min(end, size) - begin, 0)));
      if (line < node.end_line) out += '\n';
    }
    return out;
  }

  void entry(const Node& node) {
    put(node.key_line, node.key_column, toml_key(node.key) + " = ");
    put(node.line, node.column, source(node));
    text_ += '\n';
    ++line_;
    column_ = 1;
  }

  void table(const Node& node, const std::string& name) {
    put(node.key_line, 1, "[" + name + "]\n");
    for (const Node& child : node.children)
      if (!child.is_table() || child.one_line) entry(child);
    for (const Node& child : node.children)
      if (child.is_table() && !child.one_line) table(child, name + "." + toml_key(child.key));
  }

  const std::string& text() const { return text_; }

 private:
  const Document& document_;
  std::string text_;
  int line_ = 1, column_ = 1;
};

}  // namespace

model::Model read_inline_model(const Document& document, const Node& table) {
  Transcript transcript(document);
  std::string name = table.key;
  // The name goes where the header [model.NAME] stood, so that messages can use it.
  const bool below = std::all_of(table.children.begin(), table.children.end(),
                                 [&](const Node& c) { return c.key_line > table.key_line; });
  if (below && !table.find("name")) transcript.put(table.key_line, 1, "name = " + quoted(name));
  for (const Node& child : table.children) {
    if (child.key == "name" && child.is_text())
      name = child.text;
    else if (!child.is_table() || child.one_line)
      transcript.entry(child);
  }
  for (const Node& child : table.children)
    if (child.is_table() && !child.one_line) transcript.table(child, toml_key(child.key));
  // The transcript has the lines and columns of the network file, whose text is shown.
  const auto placed = [&](ErrorDetail detail) {
    auto& at = detail.location;
    if (at && at->line >= 1 && at->line <= static_cast<int>(document.lines.size())) {
      at->file = document.file;
      at->text = document.lines[static_cast<std::size_t>(at->line - 1)];
    }
    return detail;
  };
  try {
    model::ModelText text = model::read_model_text(transcript.text(), document.file);
    text.name = name;
    return model::Model(text);
  } catch (const ErrorList& list) {
    std::vector<ErrorDetail> details;
    for (const auto& detail : list.details()) details.push_back(placed(detail));
    throw ErrorList(std::move(details));
  }
}

}  // namespace callosum::format
