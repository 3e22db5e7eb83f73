#include "callosum/format/write_network.h"

#include <map>

#include "callosum/format/write_values.h"

namespace callosum::format {
namespace {

class Writer {
 public:
  Writer(const NetworkFile& file, const ArrayStore& store)
      : file_(file), net_(file.network), store_(store) {}

  std::string write() {
    head();
    for (const Population& p : net_.populations()) population(p);
    for (const Projection& p : net_.projections()) projection(p);
    for (const Stimulus& s : net_.stimuli()) stimulus(s);
    for (const Recorder& r : net_.recorders()) recorder(r);
    for (const auto& text : model_texts_) out_ += text;
    return out_;
  }

 private:
  void line(const std::string& key, const std::string& value) {
    out_ += key + " = " + value + "\n";
  }
  void text(const std::string& key, const std::string& value) {
    if (!value.empty()) line(key, toml_text(value));
  }

  void head() {
    line("format", "1");
    text("name", net_.name());
    text("title", file_.title);
    text("reference", file_.reference);
    text("doc", file_.doc);
    line("dt", toml(net_.grid().dt()));
    text("duration", file_.duration);
    line("schedule", net_.schedule() == model::Schedule::brian2 ? "\"brian2\"" : "\"callosum\"");
  }

  std::string time(std::int64_t steps) const { return toml(net_.grid().time(steps)); }

  /// The name of the model's table; each different model gets one.
  std::string model_name(const model::Model& model) {
    const std::string content = model.to_string();
    for (const auto& [name, known] : models_)
      if (known == content) return name;
    std::string name = model.name();
    for (int i = 2; models_.count(name); ++i) name = model.name() + "_" + std::to_string(i);
    models_[name] = content;
    model_texts_.push_back(toml_model(model, name));
    return name;
  }

  /// Values as text, or where the store put them: numbers in the unit of internal ones, exactly.
  std::string written(const std::string& name, const Values& values) {
    if (!store_.put || values.kind() != Values::Kind::array ||
        values.elements().size() <= store_.longer_than)
      return toml(values);
    return store_.put(name, values.elements(), values.dimension().internal_name());
  }
  std::string written(const std::string& name, const std::vector<std::uint32_t>& whole) {
    if (!store_.put || whole.size() <= store_.longer_than) return indices(whole);
    return store_.put(name, std::vector<double>(whole.begin(), whole.end()), "");
  }

  void assignments(const char* key, const std::map<std::string, Values>& values,
                   const std::string& owner) {
    if (values.empty()) return;
    std::string inner;
    for (const auto& [name, value] : values)
      inner +=
          (inner.empty() ? "" : ", ") + toml_key(name) + " = " + written(owner + "/" + name, value);
    line(key, "{ " + inner + " }");
  }

  static std::string indices(const std::vector<std::uint32_t>& values) {
    std::vector<std::string> elements;
    for (const auto x : values) elements.push_back(std::to_string(x));
    return toml_list(elements);
  }

  void population(const Population& p) {
    out_ += "\n[population." + toml_key(p.name) + "]\n";
    line("size", std::to_string(p.size));
    if (p.model.name() == "spike_list") {
      line("model", "\"spike_list\"");
      std::vector<std::string> times;
      for (const auto step : p.spike_steps) times.push_back(time(step));
      line("spikes",
           "{ neurons = " + indices(p.spike_neurons) + ", times = " + toml_list(times) + " }");
      return;
    }
    text("model", model_name(p.model));
    assignments("parameters", p.parameters, p.name);
    assignments("initial", p.initial, p.name + "/initial");
    if (p.space) space(*p.space);
    text("method", p.method);
    if (p.substeps.empty()) return;
    std::string inner;
    for (const auto& [name, parts] : p.substeps)
      inner += (inner.empty() ? "" : ", ") + toml_key(name) + " = " + std::to_string(parts);
    line("substeps", "{ " + inner + " }");
  }

  void space(const Space& s) {
    const auto length = [](double um) { return toml(quantity_of(um, dimension::length)); };
    std::vector<std::string> parts, edges;
    for (int i = 0; i < s.dimensions; ++i) edges.push_back(length(s.extent_um[i]));
    if (s.extent_um != std::array<double, 3>{}) parts.push_back("extent = " + toml_list(edges));
    if (s.wrap) parts.push_back("wrap = true");
    if (s.grid) parts.push_back("layout = \"grid\"");
    if (!s.positions_um.empty()) {
      std::vector<std::string> points;
      for (std::size_t i = 0; i < s.positions_um.size(); i += s.dimensions) {
        std::vector<std::string> point;
        for (int k = 0; k < s.dimensions; ++k) point.push_back(length(s.positions_um[i + k]));
        points.push_back(toml_list(point));
      }
      parts.push_back("positions = " + toml_list(points));
    }
    std::string inner;
    for (const auto& part : parts) inner += (inner.empty() ? "" : ", ") + part;
    line("space", "{ " + inner + " }");
  }

  std::string slice(const View& view) const {
    const Population& p = net_.populations()[view.population];
    if (view.begin == 0 && view.end == p.size && view.step == 1) return p.name;
    std::string text = p.name + "[" + std::to_string(view.begin) + ":" + std::to_string(view.end);
    if (view.step != 1) text += ":" + std::to_string(view.step);
    return text + "]";
  }

  std::string part(const View& view, const std::string& variable = {}) const {
    const std::string suffix = variable.empty() ? "" : "." + variable;
    if (view.list.empty()) return quoted(slice(view) + suffix);
    const std::string named = variable.empty() ? "" : ", variable = " + quoted(variable);
    return "{ population = " + quoted(net_.populations()[view.population].name) +
           ", neurons = " + indices(view.list) + named + " }";
  }

  std::string rule_text(const Rule& r, const std::string& owner) {
    const auto table = [](const std::string& key, const std::string& value) {
      return "{ " + key + " = " + value + " }";
    };
    switch (r.kind) {
      case Rule::Kind::one_to_one:
        return "\"one_to_one\"";
      case Rule::Kind::all_to_all:
        return "\"all_to_all\"";
      case Rule::Kind::fixed_probability:
        return table("fixed_probability", toml(Quantity(r.probability)));
      case Rule::Kind::fixed_indegree:
        return table("fixed_indegree", std::to_string(r.number));
      case Rule::Kind::fixed_outdegree:
        return table("fixed_outdegree", std::to_string(r.number));
      case Rule::Kind::fixed_total_number:
        return table("fixed_total_number", std::to_string(r.number));
      case Rule::Kind::list:
        return table("pairs", "{ sources = " + written(owner + "/sources", r.sources) +
                                  ", targets = " + written(owner + "/targets", r.targets) + " }");
      case Rule::Kind::distance_probability: {
        const char* profile = r.profile == Rule::Profile::gaussian      ? "gaussian"
                              : r.profile == Rule::Profile::exponential ? "exponential"
                                                                        : "disc";
        const auto length = [](double um) { return toml(quantity_of(um, dimension::length)); };
        return table("distance", "{ profile = " + quoted(profile) +
                                     ", probability = " + toml(Quantity(r.probability)) +
                                     ", width = " + length(r.sigma_um) +
                                     ", maximum = " + length(r.maximum_um) + " }");
      }
    }
    return {};
  }

  void links(const Projection& p) {
    if (p.synapse.links.empty()) return;
    std::string all;
    for (const auto& [name, link] : p.synapse.links) {
      const std::string owner = p.name + "/" + name;
      all += (all.empty() ? "" : ", ") + toml_key(name) + " = { from = " + part(link.from) +
             ", variable = " + quoted(link.variable) + ", rule = " + rule_text(*link.rule, owner) +
             ", weight = " + written(owner + "/weight", link.weight) +
             (link.delay ? ", delay = " + written(owner + "/delay", *link.delay) : "") + " }";
    }
    line("links", "{ " + all + " }");
  }

  void projection(const Projection& p) {
    const SynapseOptions& s = p.synapse;
    out_ += "\n[[projection]]\n";
    text("name", p.name);
    line("from", part(p.from));
    line("to", part(p.to));
    line("rule", rule_text(p.rule, p.name));
    if (!p.rule.autapses) line("autapses", "false");
    if (!p.rule.multapses) line("multapses", "false");
    text("synapse", s.model ? model_name(*s.model) : "static");
    text("target", s.target);
    text("source_variable", s.source_variable);
    line("weight", written(p.name + "/weight", s.weight));
    if (s.weight_precision == WeightPrecision::half) line("weight_precision", quoted("half"));
    if (s.rows == Rows::procedural) line("rows", quoted("procedural"));
    if (s.delay) line("delay", written(p.name + "/delay", *s.delay));
    if (s.dendritic_delay) line("dendritic_delay", toml(*s.dendritic_delay));
    if (s.velocity) line("velocity", toml(*s.velocity));
    assignments("parameters", s.parameters, p.name);
    links(p);
    const std::map<SynapseState, const char*> states{{SynapseState::per_target, "per_target"},
                                                     {SynapseState::per_source, "per_source"},
                                                     {SynapseState::per_synapse, "per_synapse"}};
    if (s.state != SynapseState::automatic) text("state", states.at(s.state));
  }

  void stimulus(const Stimulus& s) {
    out_ += "\n[[stimulus]]\n";
    const std::map<Stimulus::Kind, const char*> kinds{
        {Stimulus::Kind::constant, "constant"}, {Stimulus::Kind::steps, "steps"},
        {Stimulus::Kind::sine, "sine"},         {Stimulus::Kind::noise, "noise"},
        {Stimulus::Kind::poisson, "poisson"},   {Stimulus::Kind::array, "array"}};
    text("kind", kinds.at(s.kind));
    text("name", s.name);
    line("to", part(s.to));
    text("target", s.target);
    if (s.start != 0) line("start", time(s.start));
    if (s.stop >= 0) line("stop", time(s.stop));
    switch (s.kind) {
      case Stimulus::Kind::constant:
        line("value", toml(s.value));
        break;
      case Stimulus::Kind::steps: {
        std::vector<std::string> times;
        for (const auto step : s.times) times.push_back(time(step));
        line("times", toml_list(times));
        line("values", toml(s.value));
        break;
      }
      case Stimulus::Kind::sine:
        line("value", toml(s.value));
        line("amplitude", toml(s.amplitude));
        line("frequency", toml(s.frequency));
        line("phase", toml(Quantity(s.phase)));
        break;
      case Stimulus::Kind::noise:
        line("value", toml(s.value));
        line("amplitude", toml(s.amplitude));
        line("interval", time(s.interval));
        break;
      case Stimulus::Kind::poisson:
        line("rate", toml(s.rate));
        line("weight", toml(s.value));
        line("sources", toml(Quantity(s.sources)));
        break;
      case Stimulus::Kind::array: {
        const Dimension d = net_.populations()[s.to.population].model.at(s.target).dimension;
        std::vector<std::string> rows;
        const std::size_t size = s.to.size();
        for (std::size_t k = 0; k + size <= s.samples.size(); k += size) {
          std::vector<std::string> row;
          for (std::size_t i = 0; i < size; ++i)
            row.push_back(toml(quantity_of(s.samples[k + i], d)));
          rows.push_back(toml_list(row));
        }
        line("samples", toml_list(rows));
        line("interval", time(s.interval));
        break;
      }
    }
  }

  void recorder(const Recorder& r) {
    out_ += "\n[[record]]\n";
    switch (r.kind) {
      case Recorder::Kind::spikes:
        line("spikes", "[" + part(r.view) + "]");
        return;
      case Recorder::Kind::variable:
        line("variables", "[" + part(r.view, r.variable) + "]");
        break;
      case Recorder::Kind::weights:
        line("weights", "[" + quoted(net_.projections()[r.projection].name) + "]");
        break;
    }
    line("interval", time(r.interval));
  }

  const NetworkFile& file_;
  const Network& net_;
  const ArrayStore& store_;
  std::string out_;
  std::map<std::string, std::string> models_;  ///< name -> content
  std::vector<std::string> model_texts_;
};

}  // namespace

std::string array_reference(const std::string& file, const std::string& dataset,
                            const std::string& unit) {
  return "{ hdf5 = " + quoted(file) + ", dataset = " + quoted(dataset) +
         (unit.empty() ? "" : ", unit = " + quoted(unit)) + " }";
}

std::string write_network(const NetworkFile& file, const ArrayStore& store) {
  return Writer(file, store).write();
}

}  // namespace callosum::format
