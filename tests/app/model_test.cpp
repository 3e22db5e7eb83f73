#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "program.h"

namespace callosum::app {
namespace {

TEST(ModelList, NamesTheShippedModelsByKind) {
  const Outcome run = callosum("model list");
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* part : {"neurons\n", "synapse models\n", "sources\n", "lif_cond_exp", "static"})
    EXPECT_TRUE(contains(run.out, part)) << part;
}

TEST(ModelList, IsAJsonArrayForMachines) {
  const Outcome run = callosum("model list --json");
  EXPECT_EQ(run.code, 0) << run.err;
  const auto models = nlohmann::json::parse(run.out);
  ASSERT_GT(models.size(), 60u);
  for (const auto& m : models)
    if (m["name"] == "lif_cond_exp") {
      EXPECT_EQ(m["kind"], "neuron");
      EXPECT_EQ(m["aliases"]["nest"], "iaf_cond_exp");
      EXPECT_EQ(m["states"], nlohmann::json::array({"V_m", "g_ex", "g_in"}));
      const auto& p = m["parameters"];
      const auto C_m =
          std::find_if(p.begin(), p.end(), [](const auto& x) { return x["name"] == "C_m"; });
      ASSERT_NE(C_m, p.end());
      EXPECT_EQ((*C_m)["default"], "200 pF");
      EXPECT_EQ((*C_m)["minimum"], "0 pF");
      EXPECT_TRUE((*C_m)["maximum"].is_null());
      EXPECT_EQ((*C_m)["aliases"], nlohmann::json::array({"cm"}));
      return;
    }
  FAIL() << "lif_cond_exp is missing";
}

TEST(ModelShow, PrintsTheFileOrAStage) {
  const Outcome text = callosum("model show lif_cond_exp");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(contains(text.out, "dV_m/dt"));
  for (const char* stage : {"parse", "units", "substitute", "integrator", "discretise", "program",
                            "simplify", "adjoint"}) {
    const Outcome run = callosum(std::string("model show lif_cond_exp --after ") + stage);
    EXPECT_EQ(run.code, 0) << stage << '\n' << run.err;
    EXPECT_TRUE(contains(run.out, "V_m")) << stage;
  }
}

TEST(ModelShow, KnowsNamesOfOtherSimulators) {
  const Outcome run = callosum("model show iaf_cond_exp");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, callosum("model show lif_cond_exp").out);
}

TEST(ModelShow, OffersTheNearestModelAndStage) {
  const Outcome model = callosum("model show lif_cond_exq");
  EXPECT_EQ(model.code, 1);
  EXPECT_TRUE(contains(model.err, "did you mean 'lif_cond_exp'?")) << model.err;
  const Outcome stage = callosum("model show lif_cond_exp --after pasre");
  EXPECT_EQ(stage.code, 1);
  EXPECT_TRUE(contains(stage.err, "did you mean 'parse'?")) << stage.err;
}

constexpr const char* own_model = R"(kind = "neuron"
doc = "A leaky integrator."
equations = "dv/dt = (E_L - v)/tau : volt"
threshold = "v > V_th"
reset = "v = E_L"
[parameters]
E_L = "-70 mV"
V_th = "-50 mV"
tau = "10 ms"
)";

TEST(ModelCheck, NamesStatesAndIntegratorsOfAGoodModel) {
  const std::string folder = fresh_folder("check");
  write(folder + "/own.toml", own_model);
  const Outcome run = callosum("model check own.toml", folder);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "own.toml: neuron 'own' is well formed, 1 states, 3 parameters"))
      << run.out;
  EXPECT_TRUE(contains(run.out, "v: exact")) << run.out;
}

TEST(ModelCheck, PointsAtWhatIsWrong) {
  const std::string folder = fresh_folder("check_bad");
  std::string text = own_model;
  text.replace(text.find("(E_L - v)/tau"), 13, "(E_L - v)/tua");
  write(folder + "/bad.toml", text);
  const Outcome run = callosum("model check bad.toml", folder);
  EXPECT_EQ(run.code, 1);
  EXPECT_TRUE(contains(run.err, "tua")) << run.err;
  EXPECT_TRUE(contains(run.err, "did you mean 'tau'")) << run.err;
  EXPECT_TRUE(contains(run.err, "^")) << run.err;
  EXPECT_EQ(callosum("model check missing.toml", folder).code, 1);
}

TEST(ModelCheck, NamesWrongKeysAndWrongEquationsAtOnce) {
  const std::string folder = fresh_folder("check_all");
  std::string text = own_model;
  text.replace(text.find("(E_L - v)/tau"), 13, "(E_L - v)/tua");
  write(folder + "/bad.toml", "treshold = \"v > V_th\"\n" + text);
  const Outcome run = callosum("model check bad.toml", folder);
  EXPECT_EQ(run.code, 1);
  for (const char* part : {"treshold", "did you mean 'threshold'", "tua", "did you mean 'tau'"})
    EXPECT_TRUE(contains(run.err, part)) << part << '\n' << run.err;
}

TEST(ModelResponse, WritesAPageWithTheNeuronsFiguresAndParameters) {
  const std::string folder = fresh_folder("response");
  write(folder + "/own.toml", own_model);
  const Outcome run = callosum("model response lif_psc_exp --out page.html", folder);
  EXPECT_EQ(run.code, 0) << run.err;
  const std::string page = read(folder + "/page.html");
  for (const char* part : {"id=\"step\"", "id=\"input\"", "id=\"arrival\"", "rate (Hz)",
                           "iaf_psc_exp", "IF_curr_exp", "membrane capacitance", "dI_ex/dt"})
    EXPECT_TRUE(contains(page, part)) << part;
  EXPECT_EQ(callosum("model response own.toml", folder).code, 0);
  EXPECT_FALSE(read(folder + "/own.html").empty());
}

}  // namespace
}  // namespace callosum::app
