#include <array>
#include <utility>

#include "callosum/model/step.h"
#include "convert.h"

namespace callosum::python {
namespace {

using model::Model;
using model::ModelKind;
using model::ModelText;

constexpr std::array kinds = {std::pair{"neuron", ModelKind::neuron},
                              std::pair{"synapse", ModelKind::synapse},
                              std::pair{"source", ModelKind::source}};

ModelKind kind_of(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [text, kind] : kinds) {
    if (name == text) return kind;
    known.emplace_back(text);
  }
  throw NameError({.where = "Model, kind",
                   .what = "there is no such kind of model",
                   .got = name,
                   .expected = "neuron, synapse or source",
                   .nearest = nearest_name(name, known)});
}

const char* kind_name(ModelKind kind) {
  for (const auto& [text, k] : kinds)
    if (k == kind) return text;
  return "";
}

/// A value as a model file has it: a text.
std::string value_text(nb::handle value, const std::string& where) {
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  return to_string(to_quantity(value, where));
}

std::string entry(const nb::dict& table, const char* key) {
  return table.contains(key) ? nb::cast<std::string>(table[key]) : std::string();
}

std::vector<model::ParameterText> parameters(const nb::dict& given, const std::string& where) {
  std::vector<model::ParameterText> result;
  for (auto [key, value] : given) {
    model::ParameterText p{.name = nb::cast<std::string>(key)};
    const std::string place = where + ", '" + p.name + "'";
    if (!nb::isinstance<nb::dict>(value)) {
      p.value = value_text(value, place);
    } else {
      const auto table = nb::borrow<nb::dict>(value);
      for (auto [field, ignored] : table) {
        const auto name = nb::cast<std::string>(field);
        const std::vector<std::string> fields = {"value", "doc", "range"};
        if (std::find(fields.begin(), fields.end(), name) == fields.end())
          throw NameError({.where = place,
                           .what = "unknown key",
                           .got = name,
                           .expected = "value, doc, range",
                           .nearest = nearest_name(name, fields)});
      }
      if (table.contains("value")) p.value = value_text(table["value"], place);
      p.doc = entry(table, "doc");
      p.range = entry(table, "range");
    }
    result.push_back(std::move(p));
  }
  return result;
}

Model from_texts(const std::string& equations, const std::string& threshold,
                 const std::string& reset, nb::handle refractory, const nb::dict& given,
                 const nb::dict& initial, const std::string& on_pre, const std::string& on_post,
                 const std::string& method, const std::string& name, const std::string& kind,
                 const std::string& doc) {
  ModelText text;
  text.kind = kind_of(kind);
  text.name = name;
  text.doc = doc;
  const auto source = [&](const char* what, std::string code) {
    return model::SourceText{std::string(what) + " of '" + name + "'", std::move(code)};
  };
  text.equations = source("equations", equations);
  text.threshold = source("threshold", threshold);
  text.reset = source("reset", reset);
  text.refractory =
      source("refractory", refractory.is_none() ? "" : value_text(refractory, "refractory"));
  text.on_pre = source("on_pre", on_pre);
  text.on_post = source("on_post", on_post);
  text.method = method;
  text.parameters = parameters(given, "parameters of '" + name + "'");
  text.initial = parameters(initial, "initial values of '" + name + "'");
  return Model(text);
}

Model with(const Model& m, const nb::dict& changes, const nb::kwargs& more) {
  std::map<std::string, Quantity> values;
  for (const nb::dict* given : {&changes, static_cast<const nb::dict*>(&more)})
    for (auto [key, value] : *given) {
      const auto name = nb::cast<std::string>(key);
      values[name] = to_quantity(value, "parameter '" + name + "' of '" + m.name() + "'");
    }
  return m.with(values);
}

std::string describe(const model::Variable& v) {
  std::string text = v.name;
  if (v.value) text += " = " + to_string(Quantity::from_internal(*v.value, v.dimension));
  if (!v.doc.empty()) text += "  (" + v.doc + ")";
  return text;
}

nb::dict values_of(const Model& m, model::VariableKind kind) {
  nb::dict result;
  for (const model::Variable& v : m.variables())
    if (v.kind == kind)
      result[v.name.c_str()] =
          v.value ? nb::cast(Quantity::from_internal(*v.value, v.dimension)) : nb::none();
  return result;
}

std::string show(const Model& m, const std::string& after, nb::handle dt,
                 const std::string& method) {
  constexpr std::array stages = {"parse",      "units",   "substitute", "integrator",
                                 "discretise", "program", "simplify",   "adjoint"};
  const auto at = std::find(stages.begin(), stages.end(), after);
  if (at == stages.end()) {
    const std::vector<std::string> known(stages.begin(), stages.end());
    throw NameError({.where = "Model.show",
                     .what = "there is no such stage",
                     .got = after,
                     .expected = "parse, units, substitute, integrator, discretise, program, "
                                 "simplify or adjoint",
                     .nearest = nearest_name(after, known)});
  }
  model::StepOptions options;
  options.dt_ms = internal_value(to_quantity(dt, "dt"), dimension::time, "dt");
  options.method = method;
  return model::show_stage(m, options, static_cast<model::Stage>(at - stages.begin()));
}

}  // namespace

void bind_models(nb::module_& m) {
  nb::class_<Model>(
      m, "Model",
      "A neuron, synapse or source model: equations in Brian2's syntax with units, checked when "
      "it is made. Immutable.\n\n"
      ">>> lif = Model(\"dV_m/dt = (E_L - V_m + R*I_e)/tau_m : volt (unless refractory)\",\n"
      "...     threshold=\"V_m > V_th\", reset=\"V_m = E_L\", refractory=\"2 ms\",\n"
      "...     parameters={\"tau_m\": 20*ms, \"E_L\": \"-65 mV\", \"V_th\": \"-50 mV\",\n"
      "...                 \"R\": \"100 Mohm\", \"I_e\": \"0 pA\"})")
      .def(
          "__init__",
          [](Model* self, const std::string& equations, const std::string& threshold,
             const std::string& reset, nb::handle refractory, const nb::dict& given,
             const nb::dict& initial, const std::string& on_pre, const std::string& on_post,
             const std::string& method, const std::string& name, const std::string& kind,
             const std::string& doc) {
            new (self) Model(from_texts(equations, threshold, reset, refractory, given, initial,
                                        on_pre, on_post, method, name, kind, doc));
          },
          "equations"_a, nb::kw_only(), "threshold"_a = "", "reset"_a = "",
          "refractory"_a = nb::none(), "parameters"_a = nb::dict(), "initial"_a = nb::dict(),
          "on_pre"_a = "", "on_post"_a = "", "method"_a = "", "name"_a = "model",
          "kind"_a = "neuron", "doc"_a = "",
          "A parameter's value is a quantity, a text, or {\"value\":, \"doc\":, \"range\":}. "
          "ErrorList names everything that is wrong at once.")
      .def_static(
          "from_file", [](const std::string& path) { return Model(model::read_model_file(path)); },
          "path"_a, "Reads a model file (docs/guide/model-language.md).")
      .def_static(
          "from_text",
          [](const std::string& toml, const std::string& name) {
            return Model(model::read_model_text(toml, name));
          },
          "toml"_a, "name"_a = "text")
      .def_prop_ro("name", &Model::name)
      .def_prop_ro("kind", [](const Model& s) { return kind_name(s.kind()); })
      .def_prop_ro("doc", [](const Model& s) { return s.text().doc; })
      .def_prop_ro("reference", [](const Model& s) { return s.text().reference; })
      .def_prop_ro("equations", [](const Model& s) { return s.text().equations.text; })
      .def_prop_ro(
          "parameters", [](const Model& s) { return values_of(s, model::VariableKind::parameter); },
          "Default of every parameter; None where the user must give one.")
      .def_prop_ro(
          "states", [](const Model& s) { return values_of(s, model::VariableKind::state); },
          "Initial value of every state; None where it is an expression.")
      .def_prop_ro(
          "units",
          [](const Model& s) {
            nb::dict result;
            for (const model::Variable& v : s.variables())
              result[v.name.c_str()] = v.dimension.internal_name();
            return result;
          },
          "Unit in which numbers of each parameter, state and subexpression come back.")
      .def("with_", &with, "values"_a = nb::dict(), "kwargs"_a,
           "A copy with other defaults: with_(V_th=-50*mV) or with_({\"V_th\": -50*mV}); all or "
           "nothing.")
      .def("show", &show, "after"_a = "discretise", nb::kw_only(), "dt"_a = "0.1 ms",
           "method"_a = "",
           "The model's text after a stage: parse, units, substitute, integrator, discretise, "
           "program, simplify, adjoint.")
      .def("__repr__",
           [](const Model& s) {
             std::string text =
                 std::string("<") + kind_name(s.kind()) + " model '" + s.name() + "'";
             std::string states;
             for (const model::Variable& v : s.variables())
               if (v.kind == model::VariableKind::state)
                 states += (states.empty() ? ": " : ", ") + v.name;
             return text + states + ">";
           })
      .def("__str__", [](const Model& s) {
        std::string text = s.name() + "\n" + s.text().equations.text + "\n";
        for (const model::Variable& v : s.variables())
          if (v.kind == model::VariableKind::parameter) text += "  " + describe(v) + "\n";
        return text;
      });

  nb::module_ l = m.def_submodule("library", "The shipped models, and those in $CALLOSUM_MODELS.");
  l.def(
      "names",
      [](std::optional<std::string> kind) {
        return kind ? library::names(kind_of(*kind)) : library::names();
      },
      "kind"_a = nb::none(), "Names of the shipped models (of one kind).");
  l.def("neuron", &library::neuron, "name"_a,
        "A neuron model by its name or the one NEST or PyNN gives it.");
  l.def("synapse", &library::synapse, "name"_a);
  l.def("source", &library::source, "name"_a);
  l.def("find", &library::find, "name"_a);
  l.def("file_text", &library::file_text, "name"_a, "The text of a shipped model file.");
}

}  // namespace callosum::python
