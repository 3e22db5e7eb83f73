#pragma once

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "callosum/core/random.h"
#include "callosum/experiment/protocol.h"

namespace callosum::experiment {

/// A coin with a bias: does tossing it more often find the bias? The arms toss the same coins.
inline Experiment toy() {
  Experiment e;
  e.slug = "toy";
  e.title = "A biased coin";
  e.summary = "Estimates a bias from tosses.";
  e.paper = "Nobody 1900";
  e.settings = {{"tosses", 200, 1000, 1, 1e6, "tosses of a trial"},
                {"bias", 0.8, 0.8, 0, 1, "chance of heads"}};
  e.arms = {{"biased", "tosses the biased coin"},
            {"fair", "tosses a fair coin in its place"},
            {"broken", "does not look"}};
  e.run = [](const Trial& trial) {
    const double bias = trial.arm == "biased" ? trial["bias"] : 0.5;
    Stream stream(StreamKey(trial.seed, name_hash("tosses"), Purpose::user), 0);
    Outcome out;
    double heads = 0;
    const auto tosses = trial.whole("tosses");
    for (std::int64_t i = 1; i <= tosses; ++i) {
      heads += stream.uniform() < bias ? 1 : 0;
      out.curves["share"].x.push_back(static_cast<double>(i));
      out.curves["share"].y.push_back(heads / static_cast<double>(i));
      trial.progress(static_cast<double>(i) / static_cast<double>(tosses));
    }
    out.values["share"] = trial.arm == "broken" ? NAN : heads / static_cast<double>(tosses);
    if (trial.arm == "broken") out.note = "nobody looked";
    return out;
  };
  const auto gain = [](const Paired& at) { return at("biased", "share") - at("fair", "share"); };
  e.claims = {
      {.id = "bias-shows",
       .text = "The biased coin shows more heads than a fair one.",
       .paper = {"Fig. 1", "0.3", true},
       .measure = "share of heads, biased - fair",
       .value = gain,
       .bar = above(0.2),
       .canary = Canary{"biased", "fair"}},
      {.id = "bias-is-huge",
       .text = "The difference is above 0.9.",
       .kind = Kind::baseline,
       .paper = {"Fig. 2", "19 of 20", false},
       .measure = "share of heads, biased - fair",
       .value = gain,
       .bar = above(0.9)},
      {.id = "not-seen",
       .text = "Who does not look sees nothing.",
       .kind = Kind::ablation,
       .measure = "share of heads",
       .value = [](const Paired& at) { return at("broken", "share"); },
       .bar = above(0)},
      {.id = "share",
       .text = "Share of heads.",
       .kind = Kind::report,
       .measure = "share of heads",
       .value = [](const Paired& at) { return at("biased", "share"); }},
  };
  e.charts = [](const Results& results) {
    return std::vector<report::Chart>{
        {"shares", "Share of heads", "Mean over the seeds with its 90 % interval.",
         report::Lines{
             "tosses",
             "share of heads (no unit)",
             true,
             false,
             {results.line("biased", "biased", "share"), results.line("fair", "fair", "share")}}},
        {"last", "At the end", "Dots are seeds.",
         report::Bars{
             "share of heads (no unit)",
             false,
             {results.bar("biased", "biased", "share"), results.bar("fair", "fair", "share")},
             0.5,
             "fair"}}};
  };
  return e;
}

/// An empty folder of its own for each test.
inline std::string fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("callosum_experiment_" + name + "_" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  return folder.string();
}

}  // namespace callosum::experiment
