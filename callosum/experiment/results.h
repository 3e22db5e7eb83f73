#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callosum/experiment/experiment.h"

namespace callosum::experiment {

/// All outcomes of a run: what claims are judged on and charts are made of.
class Results {
 public:
  Results(std::vector<std::uint64_t> seeds, Settings settings)
      : seeds_(std::move(seeds)), settings_(std::move(settings)) {}

  void add(std::uint64_t seed, const std::string& arm, Outcome outcome);
  const std::vector<std::uint64_t>& seeds() const { return seeds_; }
  double setting(const std::string& name) const;

  /// NameError for an arm nobody ran.
  const Outcome& outcome(std::uint64_t seed, const std::string& arm) const;
  /// One number a seed.
  std::vector<double> values(const std::string& arm, const std::string& value) const;
  /// The values of a claim, one a seed; with `canary`, its fake arm stands for its real one.
  std::vector<double> values(const Claim& claim, bool canary = false) const;

  // Pieces of charts.
  /// Mean over the seeds with its 90 % interval, on the log scale if asked (then values must be
  /// positive). Curves are cut to the shortest; all have the x of the first seed's.
  report::Line line(const std::string& name, const std::string& arm, const std::string& curve,
                    Scale scale = Scale::linear) const;
  report::Bar bar(const std::string& name, const std::string& arm, const std::string& value,
                  Scale scale = Scale::linear) const;

 private:
  std::vector<std::uint64_t> seeds_;
  Settings settings_;
  std::map<std::string, std::map<std::uint64_t, Outcome>> outcomes_;
};

}  // namespace callosum::experiment
