#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "callosum/core/error.h"
#include "callosum/core/time_grid.h"
#include "callosum/core/whole_file.h"
#include "callosum/library/library.h"
#include "callosum/model/step.h"
#include "callosum/report/model_page.h"
#include "callosum/report/page.h"
#include "callosum/report/text.h"
#include "commands.h"

namespace callosum::app {

namespace {

using model::Model;
using model::ModelKind;
using model::Stage;

constexpr std::array<std::pair<std::string_view, Stage>, 8> stages = {{
    {"parse", Stage::parse},
    {"units", Stage::units},
    {"substitute", Stage::substitute},
    {"integrator", Stage::integrator},
    {"discretise", Stage::discretise},
    {"program", Stage::program},
    {"simplify", Stage::simplify},
    {"adjoint", Stage::adjoint},
}};

Stage stage(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const auto& [known, value] : stages) {
    if (known == name) return value;
    names.emplace_back(known);
    list += (list.empty() ? "" : ", ") + std::string(known);
  }
  ErrorDetail detail;
  detail.where = "option --after";
  detail.what = "no such stage";
  detail.got = name;
  detail.expected = "one of " + list;
  detail.nearest = nearest_name(name, names);
  throw NameError(std::move(detail));
}

std::string_view kind_name(ModelKind kind) {
  return kind == ModelKind::neuron ? "neuron" : kind == ModelKind::synapse ? "synapse" : "source";
}

bool is_file(const std::string& name) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(name, ignored);
}

Model find(const std::string& name) {
  const bool path = name.ends_with(".toml") || name.find('/') != std::string::npos;
  return path || is_file(name) ? Model(model::read_model_file(name)) : library::find(name);
}

/// The doc string up to the end of its first sentence.
std::string first_sentence(const std::string& doc) {
  std::string line = doc.substr(0, doc.find(". "));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line.ends_with('.') ? line.substr(0, line.size() - 1) : line;
}

nlohmann::ordered_json as_json(const Model& m) {
  const model::ModelText& text = m.text();
  nlohmann::ordered_json out = {{"name", m.name()},
                                {"kind", kind_name(m.kind())},
                                {"doc", text.doc},
                                {"reference", text.reference},
                                {"aliases", text.aliases},
                                {"states", nlohmann::ordered_json::array()},
                                {"parameters", nlohmann::ordered_json::array()}};
  for (const model::Variable& v : m.variables()) {
    const auto shown = [&](const std::optional<double>& x) {
      return x ? nlohmann::ordered_json(to_string(Quantity::from_internal(*x, v.dimension)))
               : nlohmann::ordered_json();
    };
    if (v.kind == model::VariableKind::state) out["states"].push_back(v.name);
    if (v.kind != model::VariableKind::parameter) continue;
    const auto others = text.parameter_aliases.find(v.name);
    out["parameters"].push_back(
        {{"name", v.name},
         {"default", shown(v.value)},
         {"minimum", shown(v.minimum)},
         {"maximum", shown(v.maximum)},
         {"doc", v.doc},
         {"aliases",
          others == text.parameter_aliases.end() ? std::vector<std::string>() : others->second}});
  }
  return out;
}

void list(const ModelCommand& command) {
  if (command.json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const std::string& name : library::names()) all.push_back(as_json(library::find(name)));
    std::cout << all.dump(2) << '\n';
    return;
  }
  for (ModelKind kind : {ModelKind::neuron, ModelKind::synapse, ModelKind::source}) {
    const std::vector<std::string> names = library::names(kind);
    if (names.empty()) continue;
    std::size_t longest = 0;
    for (const std::string& name : names) longest = std::max(longest, name.size());
    std::cout << kind_name(kind) << (kind == ModelKind::synapse ? " models\n" : "s\n");
    for (const std::string& name : names)
      std::cout << "  " << name << std::string(longest + 2 - name.size(), ' ')
                << first_sentence(library::find(name).text().doc) << '\n';
  }
}

model::StepOptions step_options(const ModelCommand& command) {
  model::StepOptions options;
  options.dt_ms = TimeGrid(parse_quantity(command.dt)).dt_ms();
  options.method = command.method;
  return options;
}

void show(const ModelCommand& command) {
  if (!command.after.empty()) {
    const Stage last = stage(command.after);
    std::cout << show_stage(find(command.name), step_options(command), last);
  } else if (is_file(command.name)) {
    std::cout << find(command.name).to_string();
  } else {
    std::cout << library::file_text(library::find(command.name).name());
  }
}

int count(const Model& model, model::VariableKind kind) {
  const auto& all = model.variables();
  return static_cast<int>(std::count_if(all.begin(), all.end(),
                                        [&](const model::Variable& v) { return v.kind == kind; }));
}

/// The model of a file; everything wrong with its keys, its equations and its step in one error.
Model checked(const ModelCommand& command) {
  const std::optional<std::string> text = read_whole_file(command.name);
  if (!text) return Model(model::read_model_file(command.name));  // says why it cannot be read
  std::vector<ErrorDetail> problems;
  const model::ModelText read = model::read_model_text(*text, command.name, problems);
  std::optional<Model> model;
  try {
    model.emplace(read);
    if (model->kind() == ModelKind::neuron) compile_step(*model, step_options(command));
  } catch (const ErrorList& list) {
    problems.insert(problems.end(), list.details().begin(), list.details().end());
  } catch (const Error& error) {
    problems.push_back(error.detail());
  }
  if (!problems.empty()) throw ErrorList(std::move(problems));
  return *model;
}

void response(const ModelCommand& command) {
  const Model model = find(command.name);
  const std::string path = command.out.empty() ? model.name() + ".html" : command.out;
  write_whole_file(path, report::model_page(model), "model response");
  std::cout << path << '\n';
}

void doc(const ModelCommand& command) {
  const std::filesystem::path folder = command.out.empty() ? "docs/models" : command.out;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::string body =
      report::masthead("Models", "The neurons, synapses and sources that come with callosum.", "");
  for (ModelKind kind : {ModelKind::neuron, ModelKind::synapse, ModelKind::source}) {
    body += "<section><div class=\"head\"><h2>" + std::string(kind_name(kind)) +
            "</h2></div><div class=\"scroll\"><table><tbody>\n";
    for (const std::string& name : library::names(kind)) {
      const Model model = library::find(name);
      write_whole_file(folder / (name + ".html"), report::model_page(model), "model doc");
      body += "<tr><td class=\"name\"><a href=\"" + report::escaped(name) + ".html\">" +
              report::escaped(name) + "</a></td><td>" +
              report::escaped(first_sentence(model.text().doc)) + "</td></tr>\n";
    }
    body += "</tbody></table></div></section>\n";
  }
  write_whole_file(folder / "index.html", report::whole_page("Models", "models", body),
                   "model doc");
  std::cout << (folder / "index.html").string() << '\n';
}

void check(const ModelCommand& command) {
  const Model model = checked(command);
  std::cout << command.name << ": " << kind_name(model.kind()) << " '" << model.name()
            << "' is well formed, " << count(model, model::VariableKind::state) << " states, "
            << count(model, model::VariableKind::parameter) << " parameters\n";
  if (model.kind() != ModelKind::neuron) return;
  for (const auto& [state, integrator] : compile_step(model, step_options(command)).integrator)
    std::cout << "  " << state << ": " << integrator << '\n';
}

}  // namespace

int model(const ModelCommand& command) {
  switch (command.action) {
    case ModelCommand::Action::list:
      list(command);
      break;
    case ModelCommand::Action::show:
      show(command);
      break;
    case ModelCommand::Action::check:
      check(command);
      break;
    case ModelCommand::Action::response:
      response(command);
      break;
    case ModelCommand::Action::doc:
      doc(command);
      break;
  }
  return success;
}

}  // namespace callosum::app
