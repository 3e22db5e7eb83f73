#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"

namespace callosum::app {
namespace {

using nlohmann::json;

/// Runs the tiny network in `folder` and reads the JSON it prints.
json run_tiny(const std::string& folder, const std::string& options) {
  write(folder + "/tiny.toml", tiny_network);
  const Outcome run = callosum("run tiny.toml --time 200ms --json " + options, folder);
  EXPECT_EQ(run.code, 0) << run.err;
  return json::parse(run.out);
}

TEST(Run, PrintsOneObjectWithEveryKey) {
  const json result = run_tiny(fresh_folder("json"), "--seed 3 --threads 1");
  for (const char* key : {"neurons", "synapses", "seed", "threads", "ranks", "synaptic_events",
                          "spikes", "peak_rss_bytes"}) {
    ASSERT_TRUE(result.contains(key)) << key;
    EXPECT_TRUE(result[key].is_number_integer()) << key;
  }
  for (const char* key : {"dt_ms", "biological_ms", "compile_s", "build_s", "simulate_s",
                          "real_time_factor", "bytes_per_synapse"}) {
    ASSERT_TRUE(result.contains(key)) << key;
    EXPECT_TRUE(result[key].is_number()) << key;
  }
  EXPECT_EQ(result["network"], "tiny");
  EXPECT_EQ(result["neurons"], 40);
  EXPECT_EQ(result["seed"], 3);
  EXPECT_EQ(result["threads"], 1);
  EXPECT_EQ(result["dt_ms"], 0.1);
  EXPECT_DOUBLE_EQ(result["biological_ms"], 200);
  EXPECT_GT(result["synapses"], 200);
  EXPECT_GT(result["spikes"], 40);
  EXPECT_GT(result["synaptic_events"], result["spikes"]);
  ASSERT_TRUE(result["spike_hash"].is_string());
  EXPECT_EQ(result["spike_hash"].get<std::string>().find_first_not_of("0123456789"),
            std::string::npos);
  ASSERT_EQ(result["populations"].size(), 1u);
  const json& exc = result["populations"][0];
  EXPECT_EQ(exc["name"], "exc");
  EXPECT_EQ(exc["size"], 40);
  EXPECT_NEAR(exc["rate_hz"], result["spikes"].get<double>() / 40 / 0.2, 1e-9);
  EXPECT_TRUE(exc.contains("cv_isi"));
}

TEST(Run, GivesTheSameSpikesForAnyThreadsLanesAndEngine) {
  const std::string folder = fresh_folder("split");
  const json one = run_tiny(folder, "--threads 1 --no-report");
  for (const char* options : {"--threads 2", "--lanes 4", "--engine interpreter"})
    EXPECT_EQ(run_tiny(folder, std::string(options) + " --no-report")["spike_hash"],
              one["spike_hash"])
        << options;
  EXPECT_NE(run_tiny(folder, "--seed 2 --no-report")["spike_hash"], one["spike_hash"]);
}

TEST(Run, LeavesAFolderThatRepeatsIt) {
  const std::string folder = fresh_folder("repeat");
  const json first =
      run_tiny(folder, "--seed 5 --precision double --set exc.I_e=650pA --out results");
  for (const char* file : {"report.html", "run.toml", "run.json", "spikes.csv"})
    EXPECT_TRUE(std::filesystem::exists(folder + "/results/" + file)) << file;
  EXPECT_EQ(json::parse(read(folder + "/results/run.json"))["spike_hash"], first["spike_hash"]);
  const Outcome again = callosum("run results/run.toml --json --out again", folder);
  ASSERT_EQ(again.code, 0) << again.err;
  const json second = json::parse(again.out);
  EXPECT_EQ(second["spike_hash"], first["spike_hash"]);
  EXPECT_EQ(second["seed"], 5);
  EXPECT_EQ(second["biological_ms"], first["biological_ms"]);
  EXPECT_EQ(read(folder + "/again/run.toml"), read(folder + "/results/run.toml"));
}

TEST(Run, WritesEverySpike) {
  const std::string folder = fresh_folder("spikes");
  const json result = run_tiny(folder, "--out o");
  const std::string csv = read(folder + "/o/spikes.csv");
  EXPECT_TRUE(csv.starts_with("population,neuron,step,time_ms\nexc,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), result["spikes"].get<long>() + 1);
}

TEST(Run, WithoutJsonPrintsATableAndWhereTheReportIs) {
  const std::string folder = fresh_folder("table");
  write(folder + "/tiny.toml", tiny_network);
  const Outcome run = callosum("run tiny.toml --time 50ms", folder);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "population"));
  EXPECT_TRUE(contains(run.out, "exc"));
  EXPECT_TRUE(contains(run.out, "report: results/tiny/report.html\n"));
  EXPECT_TRUE(contains(run.err, "40 neurons"));
  EXPECT_TRUE(contains(read(folder + "/results/tiny/report.html"), "A tiny network"));
}

TEST(Run, EstimateBuildsNothing) {
  const std::string folder = fresh_folder("estimate");
  write(folder + "/tiny.toml", tiny_network);
  const Outcome run = callosum("run tiny.toml --estimate --json", folder);
  EXPECT_EQ(run.code, 0) << run.err;
  const json need = json::parse(run.out);
  EXPECT_EQ(need["neurons"], 40);
  EXPECT_DOUBLE_EQ(need["synapses"], 0.2 * 40 * 40);
  EXPECT_GT(need["bytes"], 0);
  EXPECT_FALSE(std::filesystem::exists(folder + "/results"));
}

TEST(Run, ScalesTheNetwork) {
  const json result = run_tiny(fresh_folder("scale"), "--scale 0.5 --no-report");
  EXPECT_EQ(result["neurons"], 20);
}

struct Mistake {
  const char* options;
  std::vector<const char*> parts;
};

TEST(Run, NamesWhatIsWrongAndTheNearestName) {
  const std::string folder = fresh_folder("mistakes");
  write(folder + "/tiny.toml", tiny_network);
  for (const Mistake& mistake :
       {Mistake{"run tniy.toml", {"network", "tniy.toml"}}, Mistake{"run .", {"folder"}},
        Mistake{"run tiny.toml --set exc.V_tg=-50mV", {"V_tg", "did you mean", "V_th"}},
        Mistake{"run tiny.toml --set exx.V_th=-50mV", {"exx", "did you mean", "exc"}},
        Mistake{"run tiny.toml --set exc.V_th=-50ms", {"V_th", "ms"}},
        Mistake{"run tiny.toml --set exc.V_th", {"--set", "exc.V_th"}},
        Mistake{"run tiny.toml --time 1.23ms --dt 0.1ms", {"--time"}},
        Mistake{"run tiny.toml --time 1mV", {"--time"}}, Mistake{"run tiny.toml --dt 0ms", {"0"}},
        Mistake{"run tiny.toml --dt 1xs", {"xs"}}, Mistake{"run tiny.toml --scale nan", {"nan"}},
        Mistake{"run tiny.toml --time 1ms --out tiny.toml", {"tiny.toml"}}}) {
    const Outcome run = callosum(mistake.options, folder);
    EXPECT_EQ(run.code, 1) << mistake.options << '\n' << run.err;
    for (const char* part : mistake.parts)
      EXPECT_TRUE(contains(run.err, part)) << mistake.options << '\n' << run.err;
    EXPECT_TRUE(contains(run.err, "error: ")) << run.err;
    EXPECT_FALSE(std::filesystem::exists(folder + "/results")) << mistake.options;
  }
}

TEST(Run, OffersTheNearestShippedNetwork) {
  const Outcome run = callosum("run brunnel");
  EXPECT_EQ(run.code, 1);
  EXPECT_TRUE(contains(run.err, "did you mean 'brunel'?")) << run.err;
}

TEST(Run, PointsAtTheLineThatIsWrong) {
  const std::string folder = fresh_folder("caret");
  std::string text = tiny_network;
  text.replace(text.find("size = 40"), 9, "sise = 40");
  write(folder + "/bad.toml", text);
  const Outcome run = callosum("run bad.toml", folder);
  EXPECT_EQ(run.code, 1);
  EXPECT_TRUE(contains(run.err, "bad.toml")) << run.err;
  EXPECT_TRUE(contains(run.err, "sise = 40")) << run.err;
  EXPECT_TRUE(contains(run.err, "^")) << run.err;
  EXPECT_TRUE(contains(run.err, "size")) << run.err;
}

TEST(Run, StopsAtANumberThatIsNoNumber) {
  const std::string folder = fresh_folder("numerical");
  std::string text = tiny_network;
  text.replace(text.find("\"lif_cond_exp\""), 14, "\"explodes\"");
  text.erase(text.find("parameters ="), text.find("[[projection]]") - text.find("parameters ="));
  text.erase(text.find("[[projection]]"), text.find("[[record]]") - text.find("[[projection]]"));
  text += R"(
[model.explodes]
equations = "dx/dt = x*x/ms : 1"
threshold = "x > 1e300"
reset = "x = 2"
initial = { x = "2" }
)";
  write(folder + "/explodes.toml", text);
  const Outcome run = callosum("run explodes.toml --time 1s", folder);
  EXPECT_EQ(run.code, 3) << run.err;
  EXPECT_TRUE(contains(run.err, "exc")) << run.err;
}

TEST(Run, RefusesWhatCannotFit) {
  const std::string folder = fresh_folder("large");
  std::string text = tiny_network;
  text.replace(text.find("size = 40"), 9, "size = 40000000");
  write(folder + "/large.toml", text);
  const Outcome run = callosum("run large.toml --time 1ms", folder);
  EXPECT_EQ(run.code, 4) << run.err;
}

TEST(Run, StopsCleanlyWhenInterrupted) {
  const std::string folder = fresh_folder("interrupt");
  write(folder + "/tiny.toml", tiny_network);
  const Outcome run = signalled(SIGINT, simulating, "run tiny.toml --time 100000s --out o", folder);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_TRUE(contains(run.err, "interrupted after")) << run.err;
  EXPECT_TRUE(std::filesystem::exists(folder + "/o/report.html"));
}

}  // namespace
}  // namespace callosum::app
