#include "callosum/experiment/results.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum::experiment {
namespace {

template <class Map>
const typename Map::mapped_type& found(const Map& map, const std::string& name,
                                       const std::string& where, const std::string& what) {
  const auto at = map.find(name);
  if (at != map.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [known, value] : map) names.push_back(known);
  throw NameError(
      {.where = where, .what = what, .got = name, .nearest = nearest_name(name, names)});
}

}  // namespace

void Results::add(std::uint64_t seed, const std::string& arm, Outcome outcome) {
  outcomes_[arm][seed] = std::move(outcome);
}

double Results::setting(const std::string& name) const {
  return found(settings_, name, "settings", "there is no such setting");
}

const Outcome& Results::outcome(std::uint64_t seed, const std::string& arm) const {
  const auto& seeds = found(outcomes_, arm, "results", "there is no such arm");
  const auto at = seeds.find(seed);
  if (at != seeds.end()) return at->second;
  throw NameError({.where = "arm '" + arm + "'",
                   .what = "it was not run with this seed",
                   .got = std::to_string(seed)});
}

std::vector<double> Results::values(const std::string& arm, const std::string& value) const {
  std::vector<double> out;
  for (std::uint64_t seed : seeds_)
    out.push_back(
        found(outcome(seed, arm).values, value, "arm '" + arm + "'", "it gave no such value"));
  return out;
}

std::vector<double> Results::values(const Claim& claim, bool canary) const {
  std::vector<double> out;
  for (std::uint64_t seed : seeds_)
    out.push_back(claim.value(Paired([&](const std::string& arm) -> const Outcome& {
      const bool replaced = canary && claim.canary && arm == claim.canary->real;
      return outcome(seed, replaced ? claim.canary->fake : arm);
    })));
  return out;
}

report::Line Results::line(const std::string& name, const std::string& arm,
                           const std::string& curve, Scale scale) const {
  report::Line line{name, {}, {}};
  std::vector<const Curve*> curves;
  std::size_t length = SIZE_MAX;
  for (std::uint64_t seed : seeds_) {
    curves.push_back(
        &found(outcome(seed, arm).curves, curve, "arm '" + arm + "'", "it gave no such curve"));
    length = std::min({length, curves.back()->x.size(), curves.back()->y.size()});
  }
  for (std::size_t i = 0; !curves.empty() && i < length; ++i) {
    std::vector<double> column;
    for (const Curve* one : curves) column.push_back(one->y[i]);
    const Judgement over_seeds = judge(std::move(column), {}, scale);
    line.x.push_back(curves.front()->x[i]);
    line.y.push_back(over_seeds.mean);
    line.low.push_back(over_seeds.low);
    line.high.push_back(over_seeds.high);
  }
  return line;
}

report::Bar Results::bar(const std::string& name, const std::string& arm, const std::string& value,
                         Scale scale) const {
  const Judgement over_seeds = judge(values(arm, value), {}, scale);
  return {name, over_seeds.mean, over_seeds.low, over_seeds.high, over_seeds.values};
}

}  // namespace callosum::experiment
