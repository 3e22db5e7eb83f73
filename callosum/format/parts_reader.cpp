#include <algorithm>
#include <charconv>
#include <cmath>

#include "callosum/format/network_reader.h"

/// Parts of populations: "exc", "exc[0:100]", "exc[::2]", "exc[7]", or
/// { population = "exc", neurons = [0, 5, 9] }.
namespace callosum::format {
namespace {

/// Python's slice of whole numbers, each part optional; false when it is none.
struct Slice {
  std::optional<std::uint64_t> begin, end, step;
  bool single = false;
};

bool read_slice(std::string_view text, Slice& slice) {
  std::array<std::optional<std::uint64_t>*, 3> parts{&slice.begin, &slice.end, &slice.step};
  std::size_t part = 0;
  while (!text.empty()) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
    } else if (text.front() == ':') {
      if (++part > 2) return false;
      text.remove_prefix(1);
    } else {
      std::uint64_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || *parts[part]) return false;
      *parts[part] = value;
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
  }
  slice.single = part == 0;
  return part > 0 || slice.begin.has_value();
}

}  // namespace

std::optional<Part> NetworkReader::part_of(const std::string& text, const Node& node,
                                           const std::string& where, bool scaled) {
  const auto location = findings_.place(node);
  const auto bracket = text.find('[');
  std::string name = text.substr(0, bracket);
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const auto known = populations_.find(name);
  if (known == populations_.end()) {
    std::vector<std::string> names;
    for (const auto& entry : populations_) names.push_back(entry.first);
    findings_.add("name", {.where = where,
                           .what = "no such population",
                           .got = "'" + name + "'",
                           .expected = {},
                           .nearest = nearest_name(name, names),
                           .location = location});
    return std::nullopt;
  }
  if (known->second.failed) return std::nullopt;
  Part part;
  part.name = name;
  part.view = file_.network.population(name);
  part.full_total = part.full_size = known->second.full_size;
  if (bracket == std::string::npos) return part;

  Slice slice;
  const bool closed = text.back() == ']';
  const auto inner = std::string_view(text).substr(bracket + 1, text.size() - bracket - 1 - closed);
  if (!closed || !read_slice(inner, slice)) {
    findings_.add("syntax", {.where = where,
                             .what = "a part of a population cannot be read",
                             .got = "\"" + text + "\"",
                             .expected = "such as \"" + name + "[0:100]\"",
                             .location = location});
    return std::nullopt;
  }
  const auto full = static_cast<std::uint64_t>(part.full_total);
  const std::uint64_t begin = slice.begin.value_or(0);
  const std::uint64_t end = slice.single ? begin + 1 : slice.end.value_or(full);
  const std::uint64_t step = slice.step.value_or(1);
  if (!(begin < end && end <= full && step >= 1)) {
    findings_.add("value",
                  {.where = where,
                   .what = "the range does not fit population '" + name + "'",
                   .got = "\"" + text + "\"",
                   .expected = "neurons 0 to " + std::to_string(full - 1) + ", begin < end",
                   .location = location});
    return std::nullopt;
  }
  part.full_size = static_cast<double>((end - begin + step - 1) / step);
  // Connected parts shrink with their population; recorded ones keep their neurons.
  const std::uint64_t size = part.view.end;
  const auto place = [&](std::uint64_t at) {
    const double moved = scaled ? scaled_count(static_cast<double>(at)) : static_cast<double>(at);
    return static_cast<std::uint32_t>(std::min(moved, static_cast<double>(size)));
  };
  part.view.begin = place(begin);
  part.view.end = place(end);
  part.view.step = static_cast<std::uint32_t>(step);
  if (part.view.begin < part.view.end) return part;
  findings_.add("value", {.where = where,
                          .what = "at this scale no neuron is left in a part",
                          .got = "\"" + text + "\" of " + std::to_string(size) + " neurons",
                          .expected = "a larger scale",
                          .location = location});
  return std::nullopt;
}

std::optional<Part> NetworkReader::read_part(const Node& node, const std::string& where,
                                             bool scaled) {
  if (node.is_text()) return part_of(node.text, node, where, scaled);
  if (!node.is_table()) {
    findings_.wrong_kind(node, where, "a population such as \"exc\" or \"exc[0:100]\"");
    return std::nullopt;
  }
  if (!values_.keys(node, where, {"population", "neurons"})) return std::nullopt;
  const Node* population = values_.required(node, where, "population", "population = \"exc\"");
  const Node* neurons = values_.required(node, where, "neurons", "neurons = [0, 5, 9]");
  if (!population || !neurons) return std::nullopt;
  const auto name = values_.text(*population, where);
  if (!name) return std::nullopt;
  auto part = part_of(*name, *population, where, scaled);
  if (!part) return std::nullopt;
  if (!neurons->is_array() || neurons->children.empty()) {
    findings_.wrong_kind(*neurons, where, "an array of neuron indices");
    return std::nullopt;
  }
  for (const Node& entry : neurons->children) {
    const auto index = values_.count(entry, where);
    if (!index) return std::nullopt;
    if (*index >= part->view.end ||
        (!part->view.list.empty() && *index <= part->view.list.back())) {
      findings_.add("value", {.where = where,
                              .what = "the neurons of a part must exist and ascend",
                              .got = entry.shown(),
                              .expected = "indices from 0 to " +
                                          std::to_string(part->view.end - 1) + " in order",
                              .location = findings_.place(entry)});
      return std::nullopt;
    }
    part->view.list.push_back(static_cast<std::uint32_t>(*index));
  }
  part->full_size = static_cast<double>(part->view.list.size());
  return part;
}

std::optional<std::vector<Part>> NetworkReader::read_parts(const Node& node,
                                                           const std::string& where, bool scaled) {
  std::vector<Part> parts;
  if (!node.is_array()) {
    const auto part = read_part(node, where, scaled);
    if (!part) return std::nullopt;
    return std::vector<Part>{*part};
  }
  bool sound = !node.children.empty();
  if (!sound) findings_.wrong_kind(node, where, "at least one population");
  for (const Node& entry : node.children) {
    const auto part = read_part(entry, where, scaled);
    sound = sound && part;
    if (part) parts.push_back(*part);
  }
  return sound ? std::optional(parts) : std::nullopt;
}

}  // namespace callosum::format
