#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "callosum/report/chart.h"

/// Pieces of JSON shared by the sources of this folder; not for others.
namespace callosum::experiment {

using Json = nlohmann::ordered_json;

inline Json to_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

inline Json to_json(const std::vector<double>& values) {
  Json out = Json::array();
  for (double value : values) out.push_back(to_json(value));
  return out;
}

/// Throws a nlohmann exception, like all reading here; readers turn it into theirs.
inline double number_from(const Json& json) {
  if (!json.is_string()) return json.get<double>();
  const std::string text = json.get<std::string>();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  return json.get<double>();  // which throws
}

inline std::vector<double> numbers_from(const Json& json) {
  std::vector<double> out;
  for (const Json& one : json) out.push_back(number_from(one));
  return out;
}

Json to_json(const report::Chart& chart);
report::Chart chart_from(const Json& json);

}  // namespace callosum::experiment
