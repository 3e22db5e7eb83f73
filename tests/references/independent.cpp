#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "callosum/library/library.h"
#include "tests/references/elsewhere.h"

// What proves each neuron of the library from outside its own text: a simulator with equations of
// its own, the paper's equations written again (independent_models.py), or the recursion of a map.
namespace callosum {
namespace {

using nlohmann::json;

const std::string folder = CALLOSUM_SOURCE_DIR "/tests/references/data/";

const json& traces() {
  static const json data = json::parse(std::ifstream(folder + "neurons.json"));
  return data;
}

const json& independent() {
  static const json data = json::parse(std::ifstream(folder + "independent.json"));
  return data;
}

/// The proof of a neuron as the guide prints it; empty without one.
std::string proof(const std::string& name) {
  if (const std::string test = references::tested_elsewhere(name); !test.empty())
    return "its steps, written again in `" + test + "`";
  if (name.starts_with("discrete_")) return "its recursion, written again";
  if (!traces().contains(name)) return {};
  const std::string by = traces()[name]["by"];
  if (by.starts_with("NEST ")) {
    const auto model = by.rfind(' ');
    return by.substr(0, model) + ", `" + by.substr(model + 1) + "`";
  }
  if (!independent().contains(name)) return {};
  return independent()[name]["source"].get<std::string>() + ", written again; " +
         by.substr(0, by.find(','));
}

TEST(Proofs, EveryNeuronHasOneFromOutsideItsOwnText) {
  for (const std::string& name : library::names(model::ModelKind::neuron))
    EXPECT_FALSE(proof(name).empty())
        << name << " has no proof yet: no model of NEST made its trace in data/neurons.json, and "
        << "independent_models.py has no equations of it";
}

TEST(Proofs, ThatStandElsewhereAreThere) {
  for (const std::string& name : library::names(model::ModelKind::neuron))
    if (const std::string test = references::tested_elsewhere(name); !test.empty()) {
      std::ifstream in(CALLOSUM_SOURCE_DIR "/" + test);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      EXPECT_NE(text.find('"' + name + '"'), std::string::npos) << test;
    }
}

TEST(Proofs, TheGuideListsThem) {
  std::ifstream in(CALLOSUM_SOURCE_DIR "/docs/guide/library.md");
  const std::string guide{std::istreambuf_iterator<char>(in), {}};
  std::string missing;
  for (const std::string& name : library::names(model::ModelKind::neuron)) {
    const std::string row = "| `" + name + "` | " + proof(name) + " |\n";
    if (guide.find(row) == std::string::npos) missing += row;
  }
  EXPECT_EQ(missing, "") << "rows that docs/guide/library.md should have";
}

class IndependentNeuron : public testing::TestWithParam<std::string> {};

// The trace made from the library's text and the one made from the paper: the same spikes, and
// values within the error of a fourth-order method at 5 us, or of exact propagators.
TEST_P(IndependentNeuron, GivesTheTraceOfTheLibrarysText) {
  const json& ours = traces().at(GetParam());
  const json& theirs = independent().at(GetParam());
  const std::vector<double> a = ours["values"], b = theirs["values"];
  ASSERT_EQ(a.size(), b.size());
  const auto [low, high] = std::minmax_element(a.begin(), a.end());
  ASSERT_GT(*high - *low, 0) << "nothing happens in this trace";
  double worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k) worst = std::max(worst, std::abs(a[k] - b[k]));
  RecordProperty("difference_of_the_range", std::to_string(worst / (*high - *low)));
  EXPECT_LE(worst / (*high - *low), ours["exact"] ? 1e-8 : 1e-5);
  EXPECT_EQ(ours["spikes"], theirs["spikes"]);
}

std::vector<std::string> written_again() {
  std::vector<std::string> names;
  for (const auto& [name, trace] : independent().items()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, IndependentNeuron, testing::ValuesIn(written_again()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace callosum
