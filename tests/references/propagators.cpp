#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "callosum/library/library.h"
#include "callosum/model/step.h"
#include "tests/model/ir_gradient.h"

// Propagators and their adjoints where time constants nearly or quite agree, against 40 digits
// (propagators.py): the formulas with 1/(1/tau_m - 1/tau_syn) would lose up to all of theirs.
namespace callosum::model {
namespace {

using nlohmann::json;

double number(const json& text) { return std::stod(text.get<std::string>()); }

/// What a step costs in rounding: the error of a value or derivative, in units of 2^-52.
double ulps(double got, double exact) { return std::abs(got / exact - 1) * 0x1p52; }

TEST(NearlyEqualTimeConstants, CostPropagatorsAndAdjointsNoDigits) {
  const json cases =
      json::parse(std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/propagators.json"));
  ASSERT_GE(cases.size(), 6u);
  double worst_value = 0, worst_slope = 0;
  for (const json& c : cases) {
    const std::string propagator = c["propagator"];
    const Model model = library::neuron(c["model"].get<std::string>());
    const Program constants = all_lanes(compile_step(model, {.dt_ms = 0.1}).constants);
    ASSERT_GE(constants.index(propagator), 0) << propagator;
    const auto lanes = static_cast<int>(c["entries"].size());
    ASSERT_EQ(lanes, 34);
    Columns at;
    for (const Variable& v : model.variables())
      if (v.value) at[v.name].assign(gradient_lanes, *v.value);
    at["dt"].assign(gradient_lanes, 0.1);
    for (int i = 0; i < lanes; ++i)
      for (const auto& [name, value] : c["entries"][i]["at"].items()) at.at(name)[i] = value;
    const Columns forward = run(constants, at);
    for (const Store& s : constants.stores) {
      const std::string& out = constants.slots[s.slot].name;
      at["bar(" + out + ")"].assign(gradient_lanes, out == propagator ? 1.0 : 0.0);
    }
    const Columns gradient = run(adjoint(constants), at);
    for (int i = 0; i < lanes; ++i) {
      const json& entry = c["entries"][i];
      const double value = ulps(forward.at(propagator)[i], number(entry["value"]));
      EXPECT_LE(value, 4) << c["model"] << " " << propagator << " at " << entry["at"];
      worst_value = std::max(worst_value, value);
      for (const auto& [name, slope] : entry["slopes"].items()) {
        const double error = ulps(gradient.at("grad(" + name + ")")[i], number(slope));
        EXPECT_LE(error, 32) << "d" << propagator << "/d" << name << " of " << c["model"] << " at "
                             << entry["at"];
        worst_slope = std::max(worst_slope, error);
      }
    }
  }
  RecordProperty("worst_value_ulps", std::to_string(worst_value));
  RecordProperty("worst_slope_ulps", std::to_string(worst_slope));
}

}  // namespace
}  // namespace callosum::model
