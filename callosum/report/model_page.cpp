#include "callosum/report/model_page.h"

#include "callosum/report/page.h"
#include "callosum/report/text.h"

namespace callosum::report {
namespace {

using model::Model;
using model::Variable;
using model::VariableKind;

std::string preformatted(const char* title, const std::string& text) {
  if (text.empty()) return {};
  return "<section><div class=\"head\"><h2>" + std::string(title) +
         "</h2></div>\n<pre style=\"white-space:pre-wrap\">" + escaped(text) + "</pre></section>\n";
}

std::string shown(const Variable& v, double value) {
  return to_string(Quantity::from_internal(value, v.dimension));
}

/// As the file says it, whose units a person chose; else from the numbers.
const model::ParameterText* written(const Model& m, const Variable& v) {
  for (const model::ParameterText& p : m.text().parameters)
    if (p.name == v.name) return &p;
  return nullptr;
}

std::string range(const Model& m, const Variable& v) {
  if (const model::ParameterText* p = written(m, v); p && !p->range.empty()) return p->range;
  std::string text;
  if (v.minimum) text += (v.minimum_open ? "> " : ">= ") + shown(v, *v.minimum);
  if (v.maximum)
    text += (text.empty() ? "" : ", ") + std::string(v.maximum_open ? "< " : "<= ") +
            shown(v, *v.maximum);
  return text.empty() ? "any" : text;
}

std::string parameter_table(const Model& m) {
  std::string rows;
  for (const Variable& v : m.variables()) {
    if (v.kind != VariableKind::parameter) continue;
    std::string others;
    const auto aliases = m.text().parameter_aliases.find(v.name);
    if (aliases != m.text().parameter_aliases.end())
      for (const std::string& other : aliases->second)
        others += (others.empty() ? "" : ", ") + other;
    const model::ParameterText* p = written(m, v);
    const bool own = p && !p->value.empty() && v.value &&
                     parse_quantity(p->value).internal() == *v.value;  // not changed by with()
    const std::string value = own ? p->value : v.value ? shown(v, *v.value) : "to be given";
    rows += "<tr><td class=\"name\">" + escaped(v.name) + "</td><td>" + escaped(value) +
            "</td><td>" + escaped(range(m, v)) + "</td><td>" + escaped(v.doc) + "</td><td>" +
            escaped(others) + "</td></tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><div class=\"head\"><h2>Parameters</h2></div>\n<div "
         "class=\"scroll\"><table><thead>"
         "<tr><th>name</th><th>default</th><th>range</th><th>meaning</th><th>other names</th></tr>"
         "</thead><tbody>\n" +
         rows + "</tbody></table></div></section>\n";
}

}  // namespace

std::string model_page(const Model& m, double dt_ms) {
  const model::ModelText& t = m.text();
  std::string body = masthead(t.name, t.doc, t.reference);
  Entries facts_of_model;
  const char* kinds[] = {"neuron", "synapse", "source"};
  facts_of_model.emplace_back("kind", kinds[static_cast<int>(t.kind)]);
  for (const auto& [simulator, name] : t.aliases)
    facts_of_model.emplace_back(simulator == "nest"   ? "NEST"
                                : simulator == "pynn" ? "PyNN"
                                                      : simulator,
                                name);
  body += "<section>" + facts(facts_of_model) + "</section>\n";
  for (const Chart& chart : model_response(m, dt_ms)) body += figure_element(draw(chart));
  body += preformatted("Equations", t.equations.text);
  std::string events;
  const auto line = [&](const char* name, const std::string& text) {
    if (!text.empty()) events += std::string(name) + ": " + text + "\n";
  };
  line("threshold", t.threshold.text);
  line("reset", t.reset.text);
  line("refractory", t.refractory.text);
  for (const model::EventText& e : t.events)
    line(e.name.c_str(), e.condition.text + " -> " + e.action.text);
  line("on_pre", t.on_pre.text);
  line("on_post", t.on_post.text);
  body += preformatted("Events", events) + parameter_table(m);
  return whole_page(t.name, t.name, body);
}

}  // namespace callosum::report
