#include "callosum/experiment/claim.h"

#include <algorithm>
#include <cmath>

#include "callosum/analysis/statistics.h"
#include "callosum/core/decimal.h"
#include "callosum/core/error.h"

namespace callosum::experiment {

std::string text(const Bar& bar) {
  if (bar.side == Bar::Side::none) return "";
  return (bar.side == Bar::Side::above ? "> " : "< ") +
         decimal::text(decimal::digits(bar.value), 0);
}

std::function<double(const Paired&)> value_of(const std::string& arm, const std::string& value) {
  return [=](const Paired& at) { return at(arm, value); };
}

std::function<double(const Paired&)> difference(const std::string& value, const std::string& arm,
                                                const std::string& other) {
  return [=](const Paired& at) { return at(arm, value) - at(other, value); };
}

std::function<double(const Paired&)> ratio(const std::string& value, const std::string& arm,
                                           const std::string& other) {
  return [=](const Paired& at) { return at(arm, value) / at(other, value); };
}

Claim reported(std::string id, std::string text, const std::string& arm, const std::string& value) {
  return {.id = std::move(id),
          .text = std::move(text),
          .kind = Kind::report,
          .measure = value,
          .value = value_of(arm, value)};
}

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::result:
      return "result";
    case Kind::ablation:
      return "ablation";
    case Kind::baseline:
      return "baseline";
    case Kind::report:
      break;
  }
  return "report";
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::fails:
      return "fails";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::reported:
      break;
  }
  return "reported";
}

double Paired::operator()(const std::string& arm, const std::string& value) const {
  const std::map<std::string, double>& values = this->arm(arm).values;
  const auto found = values.find(value);
  if (found != values.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, number] : values) names.push_back(known);
  throw NameError({.where = "arm '" + arm + "'",
                   .what = "it gave no such value",
                   .got = value,
                   .nearest = nearest_name(value, names)});
}

Judgement judge(std::vector<double> values, const Bar& bar, Scale scale) {
  Judgement out;
  std::vector<double> scaled = values;
  if (scale == Scale::log)
    for (double& value : scaled) value = std::log10(value);  // 0 becomes -infinity, below 0 NaN
  const analysis::Interval interval = analysis::student_interval(scaled);
  const auto back = [&](double value) {
    return scale == Scale::log ? std::pow(10.0, value) : value;
  };
  // A mean of infinities would tell nothing of the other seeds.
  const bool all_finite =
      std::all_of(scaled.begin(), scaled.end(), [](double value) { return std::isfinite(value); });
  out.mean = all_finite ? back(analysis::mean(scaled)) : std::numeric_limits<double>::quiet_NaN();
  out.sd = analysis::standard_deviation(scaled);
  out.low = back(interval.low);
  out.high = back(interval.high);
  out.values = std::move(values);
  if (bar.side == Bar::Side::none) return out;

  const auto beyond = [&](double value) {
    return bar.side == Bar::Side::above ? value > bar.value : value < bar.value;
  };
  const auto short_of = [&](double value) {
    return bar.side == Bar::Side::above ? value < bar.value : value > bar.value;
  };
  std::vector<double> deciding = {out.low, out.high};
  if (!all_finite) deciding = out.values;
  const bool enough = out.values.size() >= 2;
  out.verdict = enough && std::all_of(deciding.begin(), deciding.end(), beyond) ? Verdict::holds
                : enough && std::all_of(deciding.begin(), deciding.end(), short_of)
                    ? Verdict::fails
                    : Verdict::inconclusive;
  return out;
}

}  // namespace callosum::experiment
