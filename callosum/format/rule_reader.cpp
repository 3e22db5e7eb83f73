#include <algorithm>
#include <cmath>

#include "callosum/core/elementary.h"
#include "callosum/format/network_reader.h"

namespace callosum::format {
namespace {

const std::vector<std::string> rule_kinds{"fixed_probability",
                                          "fixed_indegree",
                                          "fixed_outdegree",
                                          "fixed_total_number",
                                          "pair_probability",
                                          "pairs",
                                          "rows",
                                          "distance"};

/// Number of synapses, drawn with repetition, at which two neurons are connected at least once with
/// probability p (Potjans and Diesmann 2014, eq. 1).
double synapses_of_probability(double p, double sources, double targets) {
  elementary::ScalarArithmetic<double> a;
  return elementary::log1p(a, -p) / elementary::log1p(a, -1 / (sources * targets));
}

/// Indices that no population has stay too large.
std::vector<std::uint32_t> narrow(const std::vector<std::uint64_t>& wide) {
  std::vector<std::uint32_t> out;
  for (std::uint64_t x : wide)
    out.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(x, 0xFFFFFFFFu)));
  return out;
}

}  // namespace

std::optional<Rule> NetworkReader::read_rule(const Node& node, const std::string& where,
                                             const Part& from, const Part& to, double& indegree,
                                             bool& scales) {
  const auto location = findings_.place(node);
  std::optional<Rule> rule;
  scales = true;
  if (node.is_text()) {
    scales = node.text == "all_to_all";
    indegree = from.full_size;
    if (node.text == "all_to_all") return all_to_all();
    if (node.text == "one_to_one") return one_to_one();
    std::vector<std::string> names = rule_kinds;
    names.insert(names.end(), {"one_to_one", "all_to_all"});
    findings_.add("name", {.where = where,
                           .what = "unknown connection rule",
                           .got = node.shown(),
                           .expected = "\"one_to_one\", \"all_to_all\" or a table such as "
                                       "{ fixed_probability = 0.1 }",
                           .nearest = nearest_name(node.text, names),
                           .location = location});
    return rule;
  }
  if (!values_.keys(node, where + ", 'rule'", rule_kinds)) return rule;
  if (node.children.size() != 1) {
    findings_.add("value", {.where = where,
                            .what = "a rule has one entry",
                            .got = std::to_string(node.children.size()),
                            .expected = "such as { fixed_probability = 0.1 }",
                            .location = location});
    return rule;
  }
  const Node& entry = node.children[0];
  const std::string at = where + ", '" + entry.key + "'";
  scales = entry.key != "pairs" && entry.key != "rows" && entry.key != "distance";
  if (scales) return counted_rule(entry, at, from, to, indegree);
  return entry.key == "distance" ? distance_rule(entry, at) : explicit_rule(entry, at);
}

std::optional<Rule> NetworkReader::counted_rule(const Node& entry, const std::string& at,
                                                const Part& from, const Part& to,
                                                double& indegree) {
  const double s = scaling_.scale;
  const auto make = [&](const std::function<Rule()>& build) {
    std::optional<Rule> rule;
    findings_.attempt(entry, at, [&] { rule = build(); });
    return rule;
  };
  if (entry.key == "fixed_probability") {
    const auto p = values_.number(entry, at);
    if (!p || *p == 0) return std::nullopt;
    indegree = *p * from.full_size;
    return make([&] { return fixed_probability(*p); });
  }
  if (entry.key == "fixed_indegree" || entry.key == "fixed_outdegree") {
    const auto k = values_.count(entry, at);
    if (!k || *k == 0) return std::nullopt;
    const bool in = entry.key == "fixed_indegree";
    const double degree = scaled_count(static_cast<double>(*k));
    indegree = static_cast<double>(*k) * (in ? 1 : from.full_size / to.full_size);
    if (!(degree >= 1)) {
      findings_.add("value", {.where = at,
                              .what = "the scale leaves no synapses",
                              .got = entry.shown() + " times " + to_string(Quantity(s)),
                              .expected = "a larger scale",
                              .location = findings_.place(entry)});
      return std::nullopt;
    }
    const auto number = static_cast<std::uint64_t>(degree);
    return make([&] { return in ? fixed_indegree(number) : fixed_outdegree(number); });
  }
  double total = 0;
  if (entry.key == "pair_probability") {
    const auto p = values_.number(entry, at);
    if (!p || *p == 0) return std::nullopt;
    if (!(*p > 0 && *p < 1)) {
      findings_.add("value", {.where = at,
                              .what = "not a probability of repeated draws",
                              .got = entry.shown(),
                              .expected = "0 or more and less than 1",
                              .location = findings_.place(entry)});
      return std::nullopt;
    }
    total = synapses_of_probability(*p, from.full_size, to.full_size);
  } else {
    const auto n = values_.count(entry, at);
    if (!n) return std::nullopt;
    total = static_cast<double>(*n);
  }
  indegree = total / to.full_size;
  const double number = std::nearbyint(indegree * s * to.view.size());
  if (number == 0) return std::nullopt;
  return make([&] { return fixed_total_number(static_cast<std::uint64_t>(number)); });
}

bool NetworkReader::read_indices(const Node& list, const std::string& at,
                                 std::vector<std::uint64_t>& out) {
  if (list.is_table()) {
    const auto numbers = values_.stored(list, at);
    for (const double x : numbers.value_or(std::vector<double>())) {
      if (!(x >= 0 && x <= 0x1p53 && x == std::floor(x))) {
        findings_.add("value", {.where = at,
                                .what = "a stored index is no whole number",
                                .got = to_string(Quantity(x)),
                                .location = findings_.place(list)});
        return false;
      }
      out.push_back(static_cast<std::uint64_t>(x));
    }
    return numbers.has_value();
  }
  if (!list.is_array()) {
    findings_.wrong_kind(list, at, "an array of indices");
    return false;
  }
  for (const Node& element : list.children) {
    const auto index = values_.count(element, at);
    if (!index) return false;
    out.push_back(*index);
  }
  return true;
}

std::optional<Rule> NetworkReader::explicit_rule(const Node& entry, const std::string& at) {
  const double s = scaling_.scale;
  const auto make = [&](const std::function<Rule()>& build) {
    std::optional<Rule> rule;
    findings_.attempt(entry, at, [&] { rule = build(); });
    return rule;
  };
  const bool rows = entry.key == "rows";
  const std::string first = rows ? "offsets" : "sources", second = rows ? "indices" : "targets";
  if (!values_.keys(entry, at, {first, second})) return std::nullopt;
  const Node* a = values_.required(entry, at, first, first + " = [0, 1]");
  const Node* b = values_.required(entry, at, second, second + " = [0, 1]");
  std::vector<std::uint64_t> left, right;
  if (!a || !b || !read_indices(*a, at, left) || !read_indices(*b, at, right)) return std::nullopt;
  if (s != 1) {
    findings_.add("unsupported", {.where = at,
                                  .what = "explicit pairs cannot be scaled",
                                  .got = "scale " + to_string(Quantity(s)),
                                  .expected = "scale 1",
                                  .location = document_.at_key(entry)});
    return std::nullopt;
  }
  return make([&] {
    return rows ? compressed_rows(left, narrow(right)) : pairs(narrow(left), narrow(right));
  });
}

std::optional<Rule> NetworkReader::distance_rule(const Node& entry, const std::string& at) {
  const double s = scaling_.scale;
  const auto make = [&](const std::function<Rule()>& build) {
    std::optional<Rule> rule;
    findings_.attempt(entry, at, [&] { rule = build(); });
    return rule;
  };
  if (!values_.keys(entry, at, {"profile", "probability", "width", "maximum"})) return std::nullopt;
  const Node* p_node = values_.required(entry, at, "probability", "probability = 0.3");
  const Node* width_node = values_.required(entry, at, "width", "width = \"100 um\"");
  if (!p_node || !width_node) return std::nullopt;
  const auto p = values_.number(*p_node, at);
  const auto width = values_.quantity(*width_node, at, dimension::length);
  Rule::Profile profile = Rule::Profile::gaussian;
  if (const Node* word = entry.find("profile")) {
    if (word->text == "exponential")
      profile = Rule::Profile::exponential;
    else if (word->text == "disc")
      profile = Rule::Profile::disc;
    else if (word->text != "gaussian") {
      findings_.add("name", {.where = at,
                             .what = "unknown profile",
                             .got = word->shown(),
                             .expected = "\"gaussian\", \"exponential\" or \"disc\"",
                             .location = findings_.place(*word)});
      return std::nullopt;
    }
  }
  std::optional<Quantity> maximum = Quantity(0, dimension::length);
  if (const Node* end = entry.find("maximum"))
    maximum = values_.quantity(*end, at, dimension::length);
  if (!p || !width || !maximum) return std::nullopt;
  if (scaling_.preserve && s != 1) {
    findings_.add("unsupported", {.where = at,
                                  .what = "the mean input of a distance rule is not known",
                                  .expected = "no 'preserve' in [scaling]",
                                  .location = document_.at_key(entry)});
    return std::nullopt;
  }
  return make([&] { return distance_probability(*p, *width, profile, *maximum); });
}

}  // namespace callosum::format
