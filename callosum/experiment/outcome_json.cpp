#include "callosum/experiment/json.h"
#include "callosum/experiment/json_values.h"

namespace callosum::experiment {

std::string outcome_text(const Outcome& outcome, const std::string& key) {
  Json json;
  json["format"] = format_version;
  json["key"] = key;
  json["seconds"] = to_json(outcome.seconds);
  json["note"] = outcome.note;
  json["values"] = Json::object();
  for (const auto& [name, value] : outcome.values) json["values"][name] = to_json(value);
  json["curves"] = Json::object();
  for (const auto& [name, curve] : outcome.curves)
    json["curves"][name] = {{"x", to_json(curve.x)}, {"y", to_json(curve.y)}};
  json["matrices"] = Json::object();
  for (const auto& [name, matrix] : outcome.matrices)
    json["matrices"][name] = {
        {"rows", matrix.rows}, {"columns", matrix.columns}, {"values", to_json(matrix.values)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool read_outcome(const std::string& text, const std::string& key, Outcome& outcome) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != format_version || json.at("key") != key) return false;
    Outcome out;
    out.seconds = number_from(json.at("seconds"));
    out.note = json.at("note").get<std::string>();
    for (const auto& [name, value] : json.at("values").items())
      out.values[name] = number_from(value);
    for (const auto& [name, curve] : json.at("curves").items())
      out.curves[name] = {numbers_from(curve.at("x")), numbers_from(curve.at("y"))};
    for (const auto& [name, matrix] : json.at("matrices").items())
      out.matrices[name] = {matrix.at("rows").get<std::size_t>(),
                            matrix.at("columns").get<std::size_t>(),
                            numbers_from(matrix.at("values"))};
    outcome = std::move(out);
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace callosum::experiment
