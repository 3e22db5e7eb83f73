#include "callosum/format/document.h"

#include <algorithm>
#include <sstream>

#include "callosum/core/toml.h"
#include "callosum/core/toml_characters.h"
#include "callosum/core/units.h"

namespace callosum::format {
namespace {

void place(Node& node, const toml::source_region& region) {
  node.line = static_cast<int>(region.begin.line);
  node.column = static_cast<int>(region.begin.column);
  node.end_line = static_cast<int>(region.end.line);
  node.end_column = static_cast<int>(region.end.column);
}

Node convert(const toml::node& from) {
  Node node;
  place(node, from.source());
  node.key_line = node.line;
  node.key_column = node.column;
  if (const auto* s = from.as_string()) {
    node.kind = Node::Kind::string;
    node.text = s->get();
  } else if (const auto* i = from.as_integer()) {
    node.kind = Node::Kind::integer;
    node.integer = i->get();
    node.number = static_cast<double>(node.integer);
    node.text = std::to_string(node.integer);
  } else if (const auto* f = from.as_floating_point()) {
    node.kind = Node::Kind::number;
    node.number = f->get();
    node.text = to_string(Quantity(node.number));
  } else if (const auto* b = from.as_boolean()) {
    node.kind = Node::Kind::boolean;
    node.boolean = b->get();
    node.text = node.boolean ? "true" : "false";
  } else if (const auto* array = from.as_array()) {
    node.kind = Node::Kind::array;
    node.children.reserve(array->size());
    for (const auto& element : *array) node.children.push_back(convert(element));
  } else if (const auto* table = from.as_table()) {
    node.kind = Node::Kind::table;
    node.one_line = table->is_inline();
    for (const auto& [key, value] : *table) {
      Node child = convert(value);
      child.key = std::string(key.str());
      child.key_line = static_cast<int>(key.source().begin.line);
      child.key_column = static_cast<int>(key.source().begin.column);
      node.children.push_back(std::move(child));
    }
    std::sort(node.children.begin(), node.children.end(), [](const Node& a, const Node& b) {
      return std::pair(a.key_line, a.key_column) < std::pair(b.key_line, b.key_column);
    });
  } else {
    node.kind = Node::Kind::other;
    node.text = "a date or time";
  }
  return node;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The first table header whose name cannot begin like that: where toml++ gives up without a place.
SourceLocation broken_header(const Document& document) {
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const std::string& line = document.lines[i];
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || line[begin] != '[') continue;
    const auto name = line.find_first_not_of(" \t", begin + 1 + (line.substr(begin, 2) == "[["));
    const char c = name == std::string::npos ? '\0' : line[name];
    const bool bare = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '"' || c == '\'';
    if (!bare)
      return document.at(static_cast<int>(i) + 1,
                         static_cast<int>(name == std::string::npos ? line.size() : name) + 1);
  }
  return document.at(1, 1);
}

}  // namespace

const Node* Node::find(std::string_view name) const {
  if (kind != Kind::table) return nullptr;
  for (const auto& child : children)
    if (child.key == name) return &child;
  return nullptr;
}

Node* Node::find(std::string_view name) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(name));
}

std::string_view Node::kind_name() const {
  switch (kind) {
    case Kind::string:
      return "a string";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::array:
      return "an array";
    case Kind::table:
      return "a table";
    case Kind::other:
      break;
  }
  return "a date or time";
}

std::string Node::shown() const {
  constexpr std::size_t longest = 60;
  std::string out;
  if (kind == Kind::string) {
    out = quoted(text);
  } else if (kind == Kind::array || kind == Kind::table) {
    return std::string(kind_name());
  } else {
    out = text;
  }
  return out.size() <= longest ? out : out.substr(0, longest) + "...";
}

SourceLocation Document::at(int line, int column) const {
  SourceLocation location{file, line, column, {}};
  if (line >= 1 && line <= static_cast<int>(lines.size())) location.text = lines[line - 1];
  return location;
}

SourceLocation Document::at_key(const Node& node) const {
  return at(node.key_line, node.key_column);
}

SourceLocation Document::at_value(const Node& node) const { return at(node.line, node.column); }

Document parse_document(const std::string& toml, const std::string& file) {
  check_toml_characters(toml, file);
  Document document{file, split_lines(toml), {}};
  try {
    document.root = convert(toml::parse(toml, file));
  } catch (const toml::parse_error& error) {
    const auto where = error.source().begin;
    throw SyntaxError(
        {.what = "this is not TOML: " + std::string(error.description()),
         .location = document.at(static_cast<int>(where.line), static_cast<int>(where.column))});
  } catch (const BrokenToml& error) {
    throw SyntaxError({.what = "this is not TOML: " + std::string(error.what()),
                       .expected = "a key, or a table such as [population.exc]",
                       .location = broken_header(document)});
  }
  return document;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  constexpr char hex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace callosum::format
