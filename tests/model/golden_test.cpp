#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "callosum/library/library.h"
#include "callosum/model/step.h"

namespace callosum::model {
namespace {

// The text of every stage; CALLOSUM_UPDATE_GOLDEN=1 writes what stands now.
void expect_golden(const std::string& name, const StepOptions& options) {
  const Model model = library::neuron(name);
  const char* stages[] = {"parse",      "units",   "substitute", "integrator",
                          "discretise", "program", "simplify",   "adjoint"};
  for (int s = 0; s < 8; ++s) {
    const std::string path =
        std::string(CALLOSUM_SOURCE_DIR) + "/tests/model/golden/" + name + "." + stages[s] + ".txt";
    const std::string text = show_stage(model, options, static_cast<Stage>(s));
    EXPECT_EQ(text, show_stage(library::neuron(name), options, static_cast<Stage>(s)));
    if (std::getenv("CALLOSUM_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(path) << text;
      continue;
    }
    std::ifstream file(path);
    std::stringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(text, golden.str()) << path;
  }
}

TEST(Stages, OfAConductanceNeuronPrintAsTheyDid) {
  expect_golden("lif_cond_exp", {.dt_ms = 0.1, .inputs = {"g_ex", "g_in"}});
}

TEST(Stages, OfACurrentNeuronPrintAsTheyDid) {
  expect_golden("lif_psc_exp", {.dt_ms = 0.1, .inputs = {"I_ex", "I_in"}});
}

}  // namespace
}  // namespace callosum::model
