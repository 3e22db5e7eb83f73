#include "callosum/format/value_reader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "callosum/format/quantity_expression.h"

namespace callosum::format {

std::optional<Quantity> ValueReader::quantity(const Node& node, const std::string& where) {
  if (node.kind == Node::Kind::integer || node.kind == Node::Kind::number)
    return Quantity(node.number);
  if (!node.is_text()) {
    findings_.wrong_kind(node, where, "a value with its unit, such as \"20 ms\"");
    return std::nullopt;
  }
  std::optional<Quantity> result;
  findings_.attempt(node, where, [&] { result = evaluate(node.text, variables_); });
  return result;
}

std::optional<Quantity> ValueReader::quantity(const Node& node, const std::string& where,
                                              Dimension expected) {
  auto result = quantity(node, where);
  if (!result) return result;
  const std::string named = node.key.empty() ? where : where + ", '" + node.key + "'";
  if (!findings_.attempt(node, where, [&] { internal_value(*result, expected, named); }))
    return std::nullopt;
  return result;
}

std::optional<double> ValueReader::number(const Node& node, const std::string& where) {
  const auto result = quantity(node, where, dimension::one);
  return result ? std::optional(result->si) : std::nullopt;
}

std::optional<std::uint64_t> ValueReader::count(const Node& node, const std::string& where,
                                                std::uint64_t least) {
  const auto value = number(node, where);
  if (!value) return std::nullopt;
  // Products of variables such as 0.1 * 10000 may miss a whole number by a rounding.
  const double whole = std::nearbyint(*value);
  if (!(whole >= static_cast<double>(least) && whole <= 0x1p53) ||
      !(std::fabs(*value - whole) <= 1e-9 * whole)) {
    findings_.add("value",
                  {.where = where,
                   .what = node.key.empty() ? "not a count" : "'" + node.key + "' is not a count",
                   .got = node.shown(),
                   .expected = "a whole number, " + std::to_string(least) + " or more",
                   .location = findings_.place(node)});
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(whole);
}

std::optional<std::string> ValueReader::text(const Node& node, const std::string& where) {
  if (node.is_text()) return node.text;
  findings_.wrong_kind(node, where, "a string");
  return std::nullopt;
}

std::optional<bool> ValueReader::flag(const Node& node, const std::string& where) {
  if (node.kind == Node::Kind::boolean) return node.boolean;
  findings_.wrong_kind(node, where, "true or false");
  return std::nullopt;
}

std::optional<std::vector<Quantity>> ValueReader::list(const Node& node, const std::string& where) {
  if (!node.is_array()) {
    findings_.wrong_kind(node, where, "an array of values");
    return std::nullopt;
  }
  std::vector<Quantity> result;
  result.reserve(node.children.size());
  for (const auto& element : node.children) {
    const auto value = quantity(element, where);
    if (!value) return std::nullopt;
    result.push_back(*value);
  }
  return result;
}

std::optional<std::vector<double>> ValueReader::stored(const Node& node, const std::string& where) {
  std::optional<std::vector<double>> result;
  if (!keys(node, where, {"hdf5", "dataset", "unit"})) return result;
  const Node* file = required(node, where, "hdf5", "hdf5 = \"weights.h5\"");
  const Node* dataset = required(node, where, "dataset", "dataset = \"in\"");
  if (!file || !dataset) return result;
  const auto name = text(*file, where), of = text(*dataset, where);
  if (!name || !of) return result;
  if (!arrays_) {
    findings_.add("unsupported", {.where = where,
                                  .what = "this program reads no arrays from HDF5 files",
                                  .got = node.shown(),
                                  .expected = "NetworkOverrides::arrays",
                                  .location = findings_.place(node)});
    return result;
  }
  const auto folder = std::filesystem::path(findings_.document().file).parent_path();
  findings_.attempt(node, where, [&] { result = arrays_((folder / *name).string(), *of); });
  return result;
}

std::optional<Values> ValueReader::values(const Node& node, const std::string& where) {
  std::optional<Values> result;
  if (node.is_table() && node.find("hdf5")) {
    const auto numbers = stored(node, where);
    Quantity unit(1);
    if (const Node* named = node.find("unit")) {
      const auto word = text(*named, where);
      if (!word) return result;
      if (!word->empty() &&
          !findings_.attempt(*named, where, [&] { unit = parse_quantity("1 " + *word); }))
        return result;
    }
    if (numbers)
      findings_.attempt(node, where, [&] {
        std::vector<double> internal;
        for (const double x : *numbers) internal.push_back(x * unit.internal());
        result = Values::array(std::move(internal), unit.dimension);
      });
    return result;
  }
  if (node.is_table()) return distribution(node, where);
  if (node.is_array()) {
    const auto elements = list(node, where);
    if (elements) findings_.attempt(node, where, [&] { result = Values::array(*elements); });
    return result;
  }
  const auto constant = quantity(node, where);
  if (constant) findings_.attempt(node, where, [&] { result = Values(*constant); });
  return result;
}

std::optional<Values> ValueReader::distribution(const Node& node, const std::string& where) {
  static const std::vector<std::string> kinds{"normal", "lognormal", "uniform", "exponential"};
  const Node* drawn = nullptr;
  for (const auto& kind : kinds)
    if (const Node* found = node.find(kind)) {
      if (drawn) {
        findings_.add("value", {.where = where,
                                .what = "a value is drawn from one distribution",
                                .got = "'" + drawn->key + "' and '" + kind + "'",
                                .expected = "one of them",
                                .location = findings_.document().at_key(*found)});
        return std::nullopt;
      }
      drawn = found;
    }
  std::vector<std::string> allowed = kinds;
  allowed.insert(allowed.end(), {"low", "high", "policy"});
  if (!keys(node, where, allowed)) return std::nullopt;
  if (!drawn) {
    findings_.add("value", {.where = where,
                            .what = "a table of values names no distribution",
                            .expected = "normal, lognormal, uniform or exponential, as in "
                                        "{ normal = [\"-60 mV\", \"5 mV\"] }",
                            .location = findings_.place(node)});
    return std::nullopt;
  }
  const bool single = drawn->key == "exponential";
  std::vector<Quantity> numbers;
  if (single && !drawn->is_array()) {
    if (const auto mean = quantity(*drawn, where)) numbers = {*mean};
  } else if (const auto both = list(*drawn, where)) {
    numbers = *both;
  }
  if (numbers.empty() && !drawn->is_array()) return std::nullopt;
  if (numbers.size() != (single ? 1u : 2u)) {
    findings_.add("shape",
                  {.where = where,
                   .what = "'" + drawn->key + "' takes " + (single ? "one value" : "two values"),
                   .got = std::to_string(numbers.size()),
                   .expected = drawn->key == "normal"      ? "[\"mean\", \"sd\"]"
                               : drawn->key == "lognormal" ? "[\"median\", sigma]"
                               : drawn->key == "uniform"   ? "[\"low\", \"high\"]"
                                                           : "\"mean\"",
                   .location = findings_.place(*drawn)});
    return std::nullopt;
  }
  std::optional<Quantity> low, high;
  OutOfBounds policy = OutOfBounds::redraw;
  if (const Node* bound = node.find("low"))
    if (!(low = quantity(*bound, where))) return std::nullopt;
  if (const Node* bound = node.find("high"))
    if (!(high = quantity(*bound, where))) return std::nullopt;
  if (const Node* word = node.find("policy")) {
    const auto name = text(*word, where);
    if (!name) return std::nullopt;
    if (*name != "redraw" && *name != "clip") {
      findings_.add("name", {.where = where,
                             .what = "unknown policy for values out of bounds",
                             .got = word->shown(),
                             .expected = "\"redraw\" or \"clip\"",
                             .location = findings_.place(*word)});
      return std::nullopt;
    }
    if (*name == "clip") policy = OutOfBounds::clip;
  }
  std::optional<Values> result;
  findings_.attempt(node, where, [&] {
    Values drawn_values =
        drawn->key == "normal" ? Values::normal(numbers[0], numbers[1])
        : drawn->key == "lognormal"
            ? Values::lognormal(numbers[0],
                                internal_value(numbers[1], dimension::one, where + ", sigma"))
        : drawn->key == "uniform" ? Values::uniform(numbers[0], numbers[1])
                                  : Values::exponential(numbers[0]);
    result = low || high ? drawn_values.within(low, high, policy) : drawn_values;
  });
  return result;
}

bool ValueReader::keys(const Node& table, const std::string& where,
                       const std::vector<std::string>& allowed) {
  if (!table.is_table()) {
    findings_.wrong_kind(table, where, "a table");
    return false;
  }
  bool known = true;
  for (const auto& child : table.children) {
    if (std::find(allowed.begin(), allowed.end(), child.key) != allowed.end()) continue;
    findings_.unknown_key(child, where, allowed);
    known = false;
  }
  return known;
}

const Node* ValueReader::required(const Node& table, const std::string& where,
                                  const std::string& key, const std::string& example) {
  if (const Node* found = table.find(key)) return found;
  // A misspelt key has its own finding, which says enough.
  const std::vector<std::string> wanted{key};
  for (const auto& child : table.children)
    if (!nearest_name(child.key, wanted).empty()) return nullptr;
  findings_.add("value", {.where = where,
                          .what = "'" + key + "' is missing",
                          .expected = "for example " + example,
                          .location = findings_.document().at_key(table)});
  return nullptr;
}

std::optional<Node> of_pair(const Node& node, const PairIndex& pair, const std::string& where,
                            Findings& findings) {
  const auto misfit = [&](const Node& at, std::size_t got, std::size_t expected,
                          const std::string& of) {
    findings.add("shape", {.where = where,
                           .what = "the table of values has the wrong size",
                           .got = std::to_string(got),
                           .expected = std::to_string(expected) + " " + of,
                           .location = findings.place(at)});
    return std::nullopt;
  };
  if (node.is_table() && node.children.size() == 1) {
    const Node& inner = node.children[0];
    const bool by_pair = inner.key == "by_pair";
    const bool by_source = inner.key == "by_source", by_target = inner.key == "by_target";
    if (by_pair || by_source || by_target) {
      if (!inner.is_array()) {
        findings.wrong_kind(inner, where, "an array");
        return std::nullopt;
      }
      const Node* chosen = &inner;
      if (by_pair || by_target) {
        if (inner.children.size() != pair.targets)
          return misfit(inner, inner.children.size(), pair.targets,
                        by_pair ? "rows, one a target" : "values, one a target");
        chosen = &inner.children[pair.target];
      }
      if (by_pair || by_source) {
        if (!chosen->is_array()) {
          findings.wrong_kind(*chosen, where, "a row: an array of one value a source");
          return std::nullopt;
        }
        if (chosen->children.size() != pair.sources)
          return misfit(*chosen, chosen->children.size(), pair.sources, "values, one a source");
        chosen = &chosen->children[pair.source];
      }
      auto result = of_pair(*chosen, pair, where, findings);
      if (result) {
        result->key = node.key;
        result->key_line = node.key_line;
        result->key_column = node.key_column;
      }
      return result;
    }
  }
  if (!node.is_table() && !node.is_array()) return node;
  Node result = node;
  for (auto& child : result.children) {
    auto replaced = of_pair(child, pair, where, findings);
    if (!replaced) return std::nullopt;
    child = std::move(*replaced);
  }
  return result;
}

}  // namespace callosum::format
