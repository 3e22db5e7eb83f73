#include <string>

#include "callosum/experiment/json_values.h"

namespace callosum::experiment {
namespace {

/// Charts go into committed files: six digits are more than a pixel shows.
double rounded(double value) {
  if (!std::isfinite(value) || value == 0) return value;
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

Json short_json(std::vector<double> values) {
  for (double& value : values) value = rounded(value);
  return to_json(values);
}

Json plot_json(const report::Lines& plot) {
  Json json{{"kind", "lines"},     {"x_title", plot.x_title}, {"y_title", plot.y_title},
            {"log_x", plot.log_x}, {"log_y", plot.log_y},     {"lines", Json::array()}};
  for (const report::Line& line : plot.lines)
    json["lines"].push_back({{"name", line.name},
                             {"dashed", line.dashed},
                             {"x", short_json(line.x)},
                             {"y", short_json(line.y)},
                             {"low", short_json(line.low)},
                             {"high", short_json(line.high)}});
  return json;
}

Json plot_json(const report::Bars& plot) {
  Json json{{"kind", "bars"},
            {"y_title", plot.y_title},
            {"log_y", plot.log_y},
            {"mark", to_json(plot.mark)},
            {"mark_text", plot.mark_text},
            {"bars", Json::array()}};
  for (const report::Bar& bar : plot.bars)
    json["bars"].push_back({{"name", bar.name},
                            {"value", to_json(rounded(bar.value))},
                            {"low", to_json(rounded(bar.low))},
                            {"high", to_json(rounded(bar.high))},
                            {"points", short_json(bar.points)}});
  return json;
}

Json plot_json(const report::HeatMap& plot) {
  return {{"kind", "heat map"},
          {"x_title", plot.x_title},
          {"y_title", plot.y_title},
          {"value_title", plot.value_title},
          {"rows", plot.rows},
          {"columns", plot.columns},
          {"row_names", plot.row_names},
          {"column_names", plot.column_names},
          {"log", plot.log},
          {"values", short_json(plot.values)}};
}

Json plot_json(const report::Dots& plot) {
  return {{"kind", "dots"},          {"x_title", plot.x_title}, {"y_title", plot.y_title},
          {"x", short_json(plot.x)}, {"y", short_json(plot.y)}, {"colour", plot.colour}};
}

std::string text_at(const Json& json, const char* key) { return json.at(key).get<std::string>(); }

report::Lines lines_from(const Json& json) {
  report::Lines plot{text_at(json, "x_title"),
                     text_at(json, "y_title"),
                     json.at("log_x").get<bool>(),
                     json.at("log_y").get<bool>(),
                     {}};
  for (const Json& line : json.at("lines"))
    plot.lines.push_back({text_at(line, "name"), numbers_from(line.at("x")),
                          numbers_from(line.at("y")), numbers_from(line.at("low")),
                          numbers_from(line.at("high")), line.at("dashed").get<bool>()});
  return plot;
}

report::Bars bars_from(const Json& json) {
  report::Bars plot{text_at(json, "y_title"),
                    json.at("log_y").get<bool>(),
                    {},
                    number_from(json.at("mark")),
                    text_at(json, "mark_text")};
  for (const Json& bar : json.at("bars"))
    plot.bars.push_back({text_at(bar, "name"), number_from(bar.at("value")),
                         number_from(bar.at("low")), number_from(bar.at("high")),
                         numbers_from(bar.at("points"))});
  return plot;
}

report::HeatMap heat_map_from(const Json& json) {
  return {text_at(json, "x_title"),
          text_at(json, "y_title"),
          text_at(json, "value_title"),
          json.at("rows").get<std::size_t>(),
          json.at("columns").get<std::size_t>(),
          numbers_from(json.at("values")),
          json.at("row_names").get<std::vector<std::string>>(),
          json.at("column_names").get<std::vector<std::string>>(),
          json.at("log").get<bool>()};
}

}  // namespace

Json to_json(const report::Chart& chart) {
  Json json{{"id", chart.id}, {"title", chart.title}, {"caption", chart.caption}};
  json["plot"] = std::visit([](const auto& plot) { return plot_json(plot); }, chart.plot);
  return json;
}

report::Chart chart_from(const Json& json) {
  report::Chart chart{text_at(json, "id"), text_at(json, "title"), text_at(json, "caption"), {}};
  const Json& plot = json.at("plot");
  const std::string kind = text_at(plot, "kind");
  if (kind == "lines") {
    chart.plot = lines_from(plot);
  } else if (kind == "bars") {
    chart.plot = bars_from(plot);
  } else if (kind == "heat map") {
    chart.plot = heat_map_from(plot);
  } else {
    chart.plot =
        report::Dots{text_at(plot, "x_title"), text_at(plot, "y_title"), numbers_from(plot.at("x")),
                     numbers_from(plot.at("y")), plot.at("colour").get<std::vector<std::size_t>>()};
  }
  return chart;
}

}  // namespace callosum::experiment
