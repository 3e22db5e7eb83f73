#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/error.h"

namespace callosum::format {

/// One value of a TOML document with where it stands. Entries of a table keep the file's order.
struct Node {
  enum class Kind { string, integer, number, boolean, array, table, other };
  Kind kind = Kind::table;
  std::string key;   ///< its name within a table
  std::string text;  ///< string: the value; integer, number, boolean: as TOML
  double number = 0;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<Node> children;
  bool one_line = false;             ///< a table in braces
  int line = 0, column = 0;          ///< of the value
  int end_line = 0, end_column = 0;  ///< one past the value
  int key_line = 0, key_column = 0;  ///< of the key, or of the table's header

  const Node* find(std::string_view name) const;
  Node* find(std::string_view name);
  bool is_text() const { return kind == Kind::string; }
  bool is_table() const { return kind == Kind::table; }
  bool is_array() const { return kind == Kind::array; }
  /// What it is, for messages: "a string", "an array".
  std::string_view kind_name() const;
  /// The value as a person would write it, shortened when long.
  std::string shown() const;
};

struct Document {
  std::string file;
  std::vector<std::string> lines;
  Node root;

  SourceLocation at(int line, int column) const;
  SourceLocation at_key(const Node& node) const;
  SourceLocation at_value(const Node& node) const;
};

/// Reads TOML 1.0. Throws SyntaxError with line and column.
Document parse_document(const std::string& toml, const std::string& file);

/// A TOML basic string, quoted and escaped.
std::string quoted(std::string_view text);

}  // namespace callosum::format
