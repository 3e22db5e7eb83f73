#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "callosum/core/error.h"
#include "callosum/core/toml.h"
#include "callosum/sim/simulation.h"

// Model strings of Brian2's published examples, character by character (data/brian2_strings.toml,
// made by brian2_strings.py): each compiles and runs here, and where chance has no part its states
// end where Brian2's own run of them ends. What cannot run is in the same file with its error, and
// in docs/guide/from-brian2.md.
namespace callosum {
namespace {

std::string whole(const std::string& path) {
  std::ifstream in(CALLOSUM_SOURCE_DIR + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const toml::table& file() {
  static const toml::table data = toml::parse(whole("/tests/references/data/brian2_strings.toml"));
  return data;
}

const std::map<std::string, const toml::table*>& cases() {
  static const auto all = [] {
    std::map<std::string, const toml::table*> found;
    for (const auto& node : *file()["case"].as_array())
      found[node.as_table()->at("name").value_or(std::string())] = node.as_table();
    return found;
  }();
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, table] : cases()) all.push_back(name);
  return all;
}

/// The case's model, read as any model file is.
model::Model model_of(const std::string& name) {
  std::ostringstream text;
  text << *cases().at(name)->get("model")->as_table();
  return model::Model(model::read_model_text(text.str(), name + ".toml"));
}

/// A neuron alone, or a source that spikes onto a target through the synapse.
Network network_of(const std::string& name) {
  const toml::table& c = *cases().at(name);
  Network net(parse_quantity(c["dt"].value_or("0.1 ms")), name);
  net.set_schedule(model::Schedule::brian2);
  const model::Model model = model_of(name);
  if (model.kind() == model::ModelKind::neuron) {
    const View cell = net.add("cell", 1, model);
    if (!model.events().empty()) net.record_spikes(cell);
    for (const model::Variable& v : model.variables())
      if (v.kind == model::VariableKind::state) net.record(cell, v.name);
    return net;
  }
  const std::string from = c["from"].value_or(""), to = c["to"].value_or("");
  std::vector<Quantity> times;
  for (int k : {3, 20, 50, 51, 120})
    times.push_back(Quantity::from_internal(k * net.grid().dt_ms(), dimension::time));
  const View pre = from.empty() ? net.add_spike_list(
                                      "pre", 1, std::vector<std::uint32_t>(times.size(), 0), times)
                                : net.add("pre", 2, model_of(from));
  const model::Model target = model_of(to);
  const View post = net.add("post", 2, target);
  SynapseOptions synapse{.model = model};
  if (const model::Variable* weight = model.find("weight"))
    synapse.weight = Quantity::from_internal(weight->value.value_or(1), weight->dimension);
  net.connect(pre, post, all_to_all(), synapse);
  for (const model::Variable& v : target.variables())
    if (v.kind == model::VariableKind::state) net.record(post, v.name);
  return net;
}

/// Where Brian2's run ends, in internal units.
std::optional<double> expected_value(const toml::table& c, const TraceRecord& trace) {
  const toml::node_view<const toml::node> node = c["expected"][trace.variable];
  if (const auto plain = node.value<double>()) return plain;
  if (const auto text = node.value<std::string>())
    return internal_value(parse_quantity(*text), trace.dimension, trace.variable);
  return std::nullopt;
}

class Brian2String : public testing::TestWithParam<std::string> {};

TEST_P(Brian2String, RunsAsInBrian2) {
  const toml::table& c = *cases().at(GetParam());
  const std::string expected_error = c["error"].value_or("");
  try {
    Simulation sim(network_of(GetParam()), {.precision = Precision::twofold});
    sim.run_steps(200);
    const Recording recording = sim.recording();
    ASSERT_TRUE(expected_error.empty()) << "it runs; the list says: " << expected_error;
    for (const TraceRecord& trace : recording.traces) {
      const double last = trace.values.back();
      EXPECT_TRUE(std::isfinite(last)) << trace.variable;
      const auto expected = expected_value(c, trace);
      if (!expected) continue;
      double size = std::abs(*expected);
      for (double v : trace.values) size = std::max(size, std::abs(v));
      EXPECT_NEAR(last, *expected, 1e-9 * size) << trace.variable;
    }
    if (const auto spikes = c["expected"]["spikes"].value<std::int64_t>()) {
      EXPECT_EQ(static_cast<std::int64_t>(sim.statistics().spikes), *spikes);
    }
  } catch (const Error& error) {
    const std::string text = error.what();
    ASSERT_FALSE(expected_error.empty()) << text;
    EXPECT_NE(text.find(expected_error), std::string::npos) << text;
  }
}

TEST(Brian2Strings, TheGuideListsThoseThatCannotRun) {
  const std::string guide = whole("/docs/guide/from-brian2.md");
  std::size_t run = 0, compared = 0;
  for (const auto& [name, table] : cases()) {
    compared += table->contains("expected");
    const std::string error = (*table)["error"].value_or("");
    if (error.empty()) {
      ++run;
      continue;
    }
    std::size_t begin = guide.find("`" + name + "`");
    ASSERT_NE(begin, std::string::npos) << name;
    begin = guide.rfind('\n', begin) + 1;
    const std::string row = guide.substr(begin, guide.find('\n', begin) - begin);
    EXPECT_NE(row.find(error), std::string::npos) << name << ": " << error;
  }
  EXPECT_GE(run, 60u);
  for (std::size_t count : {cases().size(), run, compared})
    EXPECT_NE(guide.find(std::to_string(count)), std::string::npos) << count;
}

INSTANTIATE_TEST_SUITE_P(All, Brian2String, testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace callosum
