#include "callosum/format/write_values.h"

#include <algorithm>
#include <cmath>

namespace callosum::format {

Quantity quantity_of(double internal, Dimension dimension) {
  const Quantity nearest = Quantity::from_internal(internal, dimension);
  // Two roundings lie between SI and internal numbers, so a neighbour may be the one that returns.
  double up = nearest.si, down = nearest.si;
  for (int i = 0; i < 4; ++i) {
    if (Quantity(up, dimension).internal() == internal) return {up, dimension};
    if (Quantity(down, dimension).internal() == internal) return {down, dimension};
    up = std::nextafter(up, INFINITY);
    down = std::nextafter(down, -INFINITY);
  }
  return nearest;
}

std::string toml(Quantity quantity) {
  const std::string text = to_string(quantity);
  return quantity.dimension.none() && std::isfinite(quantity.si) ? text : quoted(text);
}

std::string toml_list(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) out += i % 16 == 0 ? ",\n  " : ", ";
    out += elements[i];
  }
  return out + "]";
}

std::string toml(const Values& values) {
  const auto one = [&](double internal) { return toml(quantity_of(internal, values.dimension())); };
  std::string drawn;
  switch (values.kind()) {
    case Values::Kind::constant:
      return one(values.first());
    case Values::Kind::array: {
      std::vector<std::string> elements;
      for (double x : values.elements()) elements.push_back(one(x));
      return toml_list(elements);
    }
    case Values::Kind::normal:
      drawn = "normal = [" + one(values.first()) + ", " + one(values.second()) + "]";
      break;
    case Values::Kind::lognormal:
      drawn = "lognormal = [" + one(values.first()) + ", " + toml(Quantity(values.second())) + "]";
      break;
    case Values::Kind::uniform:
      drawn = "uniform = [" + one(values.first()) + ", " + one(values.second()) + "]";
      break;
    case Values::Kind::exponential:
      drawn = "exponential = " + one(values.first());
      break;
  }
  if (values.low()) drawn += ", low = " + one(*values.low());
  if (values.high()) drawn += ", high = " + one(*values.high());
  if (values.low() || values.high())
    drawn += values.policy() == OutOfBounds::clip ? ", policy = \"clip\"" : ", policy = \"redraw\"";
  return "{ " + drawn + " }";
}

std::string toml_key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? name : quoted(name);
}

std::string toml_text(const std::string& text) {
  const auto plain = [](unsigned char c) {
    return (c >= 0x20 && c != 0x7F && c != '\\') || c == '\n';
  };
  const bool lines = text.find('\n') != std::string::npos &&
                     text.find("\"\"\"") == std::string::npos && text.back() != '"' &&
                     std::all_of(text.begin(), text.end(), plain);
  return lines ? "\"\"\"\n" + text + "\"\"\"" : quoted(text);
}

std::string toml_model(const model::Model& model, const std::string& name) {
  const model::ModelText& text = model.text();
  const char* kind = model.kind() == model::ModelKind::neuron    ? "neuron"
                     : model.kind() == model::ModelKind::synapse ? "synapse"
                                                                 : "source";
  const std::string table = "model." + toml_key(name);
  std::string out = "\n[" + table + "]\n";
  const auto line = [&](const char* key, const std::string& value) {
    if (!value.empty()) out += std::string(key) + " = " + toml_text(value) + "\n";
  };
  if (model.name() != name) line("name", model.name());
  line("kind", kind);
  line("doc", text.doc);
  line("reference", text.reference);
  line("equations", text.equations.text);
  line("threshold", text.threshold.text);
  line("reset", text.reset.text);
  line("refractory", text.refractory.text);
  line("on_pre", text.on_pre.text);
  line("on_post", text.on_post.text);
  line("coincidence", text.coincidence);
  line("updates", text.updates);
  line("method", text.method);
  std::string aliases;
  for (const auto& [simulator, other] : text.aliases)
    aliases += (aliases.empty() ? "" : ", ") + toml_key(simulator) + " = " + quoted(other);
  if (!aliases.empty()) out += "aliases = { " + aliases + " }\n";
  if (!text.parameters.empty()) out += "\n[" + table + ".parameters]\n";
  for (const auto& parameter : text.parameters) {
    const auto* variable = model.find(parameter.name);
    // Defaults may have been changed since the text was written.
    std::string value = parameter.value.empty() ? "" : quoted(parameter.value);
    if (variable && variable->value)
      value = quoted(to_string(quantity_of(*variable->value, variable->dimension)));
    std::string entry;
    const auto add = [&](const char* key, const std::string& quoted_value) {
      if (!quoted_value.empty())
        entry += (entry.empty() ? "" : ", ") + std::string(key) + " = " + quoted_value;
    };
    add("value", value);
    if (!parameter.doc.empty()) add("doc", quoted(parameter.doc));
    if (!parameter.range.empty()) add("range", quoted(parameter.range));
    if (const auto found = text.parameter_aliases.find(parameter.name);
        found != text.parameter_aliases.end()) {
      std::vector<std::string> others;
      for (const auto& other : found->second) others.push_back(quoted(other));
      add("aliases", toml_list(others));
    }
    out += toml_key(parameter.name) + " = { " + entry + " }\n";
  }
  std::string initial;
  for (const auto& variable : model.variables()) {
    if (variable.kind != model::VariableKind::state) continue;
    std::string value;
    if (variable.value && *variable.value != 0)
      value = to_string(quantity_of(*variable.value, variable.dimension));
    for (const auto& written : text.initial)
      if (variable.initial && written.name == variable.name) value = written.value;
    if (!value.empty()) initial += toml_key(variable.name) + " = " + quoted(value) + "\n";
  }
  if (!initial.empty()) out += "\n[" + table + ".initial]\n" + initial;
  for (const auto& event : text.events) {
    out += "\n[" + table + ".events." + toml_key(event.name) + "]\n";
    line("condition", event.condition.text);
    line("action", event.action.text);
  }
  return out;
}

std::string toml_model_file(const model::Model& model) {
  const std::string table = "[model.file";
  std::string text = toml_model(model, "file");
  // The table's own head goes, and those of its parts lose their beginning.
  if (const auto head = text.find(table + "]"); head != std::string::npos)
    text.erase(0, text.find('\n', head) + 1);
  for (auto at = text.find("\n" + table + "."); at != std::string::npos;
       at = text.find("\n" + table + ".", at + 1))
    text.replace(at + 2, table.size(), "");
  return text;
}

}  // namespace callosum::format
