#include "callosum/learn/torch/task_file.h"

#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"
#include "callosum/data/hdf5_writer.h"
#include "callosum/format/value_reader.h"
#include "callosum/format/write_network.h"
#include "callosum/learn/torch/convolution_stack.h"

namespace callosum::learn {
namespace {

using format::Node;

/// Names of the members of an enumeration, as a file writes them.
template <class Kind>
using Names = std::vector<std::pair<std::string, Kind>>;

const Names<model::Surrogate> surrogates{{"fast_sigmoid", model::Surrogate::fast_sigmoid},
                                         {"arctan", model::Surrogate::arctan},
                                         {"triangle", model::Surrogate::triangle},
                                         {"gaussian", model::Surrogate::gaussian},
                                         {"sigmoid", model::Surrogate::sigmoid},
                                         {"rectangle", model::Surrogate::rectangle},
                                         {"straight_through", model::Surrogate::straight_through}};
const Names<Readout::Kind> readouts{{"count", Readout::Kind::count},
                                    {"mean", Readout::Kind::mean},
                                    {"maximum", Readout::Kind::maximum},
                                    {"rate", Readout::Kind::rate},
                                    {"first_spike", Readout::Kind::first_spike}};
const Names<FitOptions::Method> methods{{"adam", FitOptions::Method::adam},
                                        {"sgd", FitOptions::Method::sgd},
                                        {"rmsprop", FitOptions::Method::rmsprop}};
const Names<RateSchedule::Kind> schedules{{"constant", RateSchedule::Kind::constant},
                                          {"cosine", RateSchedule::Kind::cosine},
                                          {"exponential", RateSchedule::Kind::exponential},
                                          {"step", RateSchedule::Kind::step}};
const Names<ImageCode::Kind> codes{{"rate", ImageCode::Kind::rate},
                                   {"latency", ImageCode::Kind::latency}};
const Names<data::LatencyOptions::Curve> curves{
    {"linear", data::LatencyOptions::Curve::linear},
    {"logarithmic", data::LatencyOptions::Curve::logarithmic}};

/// One section, key by key: what is absent keeps its default, what is wrong becomes a finding.
class Section {
 public:
  Section(const Node& node, const std::string& where, format::ValueReader& values,
          format::Findings& findings)
      : node_(node), where_(where), values_(values), findings_(findings) {}

  void number(const char* key, double& out) {
    if (const Node* n = find(key))
      if (const auto x = values_.number(*n, where_)) out = *x;
  }
  void count(const char* key, std::int64_t& out, std::uint64_t least = 0) {
    if (const Node* n = find(key))
      if (const auto x = values_.count(*n, where_, least)) out = static_cast<std::int64_t>(*x);
  }
  void seed(const char* key, std::uint64_t& out) {
    if (const Node* n = find(key))
      if (const auto x = values_.count(*n, where_)) out = *x;
  }
  void flag(const char* key, bool& out) {
    if (const Node* n = find(key))
      if (const auto x = values_.flag(*n, where_)) out = *x;
  }
  void text(const char* key, std::string& out) {
    if (const Node* n = find(key))
      if (const auto x = values_.text(*n, where_)) out = *x;
  }
  /// A number in the internal unit of whatever it is compared with.
  void internal(const char* key, double& out) {
    if (const Node* n = find(key))
      if (const auto x = values_.quantity(*n, where_)) out = x->internal();
  }
  template <class Kind>
  void choice(const char* key, const Names<Kind>& names, Kind& out) {
    const Node* n = find(key);
    if (!n) return;
    const auto word = values_.text(*n, where_);
    if (!word) return;
    std::vector<std::string> known;
    for (const auto& [name, kind] : names) {
      if (name == *word) {
        out = kind;
        return;
      }
      known.push_back(name);
    }
    std::string all;
    for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
    findings_.add("name", {.where = where_,
                           .what = "unknown '" + std::string(key) + "'",
                           .got = n->shown(),
                           .expected = all,
                           .nearest = nearest_name(*word, known),
                           .location = findings_.place(*n)});
  }
  void texts(const char* key, std::optional<std::vector<std::string>>& out) {
    const Node* n = find(key);
    if (!n) return;
    if (!n->is_array()) return findings_.wrong_kind(*n, where_, "an array of names");
    out.emplace();
    for (const Node& child : n->children)
      if (const auto x = values_.text(child, where_)) out->push_back(*x);
  }
  /// Tables by name: `read` is given each.
  void tables(const char* key, const std::function<void(const std::string&, Section&)>& read) {
    const Node* n = find(key);
    if (!n) return;
    if (!n->is_table()) return findings_.wrong_kind(*n, where_, "a table by name");
    for (const Node& child : n->children) {
      Section inner(child, where_ + ", " + key + " of '" + child.key + "'", values_, findings_);
      if (!child.is_table()) {
        findings_.wrong_kind(child, inner.where_, "a table");
        continue;
      }
      read(child.key, inner);
      inner.finish();
    }
  }
  /// Tables one after the other, [[section.key]].
  void list(const char* key, const std::function<void(Section&)>& read) {
    const Node* n = find(key);
    if (!n) return;
    const std::string where = where_ + "." + key;
    if (!n->is_array()) return findings_.wrong_kind(*n, where, "[[" + where + "]]");
    for (const Node& child : n->children) {
      Section inner(child, where, values_, findings_);
      read(inner);
      inner.finish();
    }
  }
  /// As many whole numbers as `out` has.
  template <std::size_t N>
  void counts(const char* key, std::array<std::int64_t, N>& out, std::uint64_t least) {
    const Node* n = find(key);
    if (!n) return;
    if (!n->is_array() || n->children.size() != N)
      return findings_.wrong_kind(*n, where_, "an array of " + std::to_string(N) + " numbers");
    for (std::size_t k = 0; k < N; ++k)
      if (const auto x = values_.count(n->children[k], where_, least))
        out[k] = static_cast<std::int64_t>(*x);
  }
  void numbers(const char* key, std::map<std::string, double>& out) {
    const Node* n = find(key);
    if (!n) return;
    if (!n->is_table()) return findings_.wrong_kind(*n, where_, "a table of numbers by name");
    for (const Node& child : n->children)
      if (const auto x = values_.number(child, where_)) out[child.key] = *x;
  }
  void required(const char* key, const std::string& example) {
    values_.required(node_, where_, key, example);
  }
  /// Keys that nobody asked for are errors.
  void finish() { values_.keys(node_, where_, asked_); }

 private:
  const Node* find(const char* key) {
    asked_.push_back(key);
    return node_.find(key);
  }

  const Node& node_;
  std::string where_;
  format::ValueReader& values_;
  format::Findings& findings_;
  std::vector<std::string> asked_;
};

void read_data(Section& s, DataSource& d) {
  s.required("set", "set = \"mnist\"");
  s.text("set", d.set);
  s.choice("code", codes, d.code.kind);
  s.count("steps", d.code.steps, 1);
  s.number("probability", d.code.probability);
  s.choice("curve", curves, d.code.latency.curve);
  s.number("threshold", d.code.latency.threshold);
  s.number("tau", d.code.latency.tau);
  s.seed("seed", d.code.seed);
  s.count("training", d.training);
  s.count("test", d.test);
  s.count("validation", d.validation);
  s.count("bands", d.bands, 2);
  s.number("range", d.range_dB);
  s.count("copies", d.copies, 1);
  s.finish();
}

void read_convolution(Section& s, std::vector<Convolution>& all) {
  Convolution& c = all.emplace_back();
  s.required("name", "name = \"first\"");
  s.required("from", "from = \"in\"");
  s.required("to", "to = \"hidden\"");
  s.required("input", "input = [1, 28, 28]");
  s.text("name", c.name);
  s.text("from", c.from);
  s.text("to", c.to);
  s.text("target", c.target);
  s.text("driven", c.driven);
  s.counts("input", c.input, 1);
  s.count("channels", c.channels, 1);
  s.count("kernel", c.kernel, 1);
  s.count("stride", c.stride, 1);
  s.count("padding", c.padding);
  s.count("pool", c.pool, 1);
  s.flag("norm", c.norm);
}

void read_train(Section& s, TaskFile& task) {
  FitOptions& f = task.fit;
  s.required("readout", "readout = \"out.count\"");
  s.text("readout", f.readout.output);
  s.choice("loss", readouts, f.readout.kind);
  s.number("scale", f.readout.scale);
  s.number("tau", f.readout.tau);
  s.number("right", f.readout.right);
  s.number("wrong", f.readout.wrong);
  s.texts("trained", task.module.trained);
  s.choice("surrogate", surrogates, task.module.surrogate.surrogate);
  s.internal("width", task.module.surrogate.width);
  s.number("dampening", task.module.surrogate.scale);
  s.flag("detach_reset", task.module.surrogate.detach_reset);
  s.tables("constraints", [&](const std::string& name, Section& inner) {
    Constraint& c = task.module.constraints[name];
    double low = std::numeric_limits<double>::quiet_NaN(), high = low;
    inner.internal("low", low);
    inner.internal("high", high);
    inner.flag("keep_signs", c.keep_signs);
    if (!std::isnan(low)) c.low = low;
    if (!std::isnan(high)) c.high = high;
  });
  s.tables("delays", [&](const std::string& name, Section& inner) {
    DelayOptions& d = task.module.delays[name];
    inner.required("maximum", "maximum = \"25 ms\"");
    inner.internal("minimum", d.minimum_ms);
    inner.internal("maximum", d.maximum_ms);
    inner.internal("width", d.width_ms);
  });
  s.choice("method", methods, f.method);
  s.number("rate", f.rate);
  s.number("momentum", f.momentum);
  s.number("weight_decay", f.weight_decay);
  s.numbers("rate_factors", f.rate_factors);
  s.choice("schedule", schedules, f.schedule.kind);
  s.number("decay", f.schedule.decay);
  s.count("every", f.schedule.every, 1);
  s.count("warm_up", f.schedule.warm_up);
  s.number("clip", f.clip);
  s.count("epochs", f.epochs, 1);
  s.count("batch", f.batch, 1);
  s.count("patience", f.patience);
  s.tables("bands", [&](const std::string& name, Section& inner) {
    RateBand& b = f.bands[name + ".count"];
    inner.number("strength", b.strength);
    inner.number("low", b.low);
    inner.number("high", b.high);
  });
  s.seed("seed", f.seed);
  s.number("initial_rate", task.initial_rate);
  s.list("convolution", [&](Section& inner) { read_convolution(inner, task.convolutions); });
  s.finish();
}

/// The lines of the file from a section's header to the next header.
std::string lines_of(const format::Document& document, const Node& section) {
  std::string out;
  for (std::size_t k = static_cast<std::size_t>(section.key_line) - 1; k < document.lines.size();
       ++k) {
    const std::string& line = document.lines[k];
    if (!out.empty() && line.starts_with("[") && !line.starts_with("[" + section.key + ".")) break;
    out += line + "\n";
  }
  return "\n" + out;
}

}  // namespace

std::shared_ptr<Trainable> make_trainable(const TaskFile& task) {
  if (task.convolutions.empty()) return std::make_shared<Module>(task.file.network, task.module);
  return std::make_shared<ConvolutionStack>(task.file.network, task.convolutions, task.module);
}

TaskFile read_task(const std::filesystem::path& path, const format::NetworkOverrides& overrides) {
  TaskFile task;
  task.file = format::read_network(path.string(), overrides);
  const std::string text = read_whole_file(path.string()).value_or("");
  const format::Document document = format::parse_document(text, path.string());
  format::Findings findings(document);
  format::ValueReader values(findings);
  for (const char* name : {"data", "train"}) {
    const Node* node = values.required(document.root, "", name, "[" + std::string(name) + "]");
    if (!node) continue;
    Section section(*node, name, values, findings);
    if (std::string(name) == "data")
      read_data(section, task.data);
    else
      read_train(section, task);
    task.sections += lines_of(document, *node);
  }
  findings.raise();
  task.module.outputs = {task.fit.readout.output};
  for (const auto& [name, band] : task.fit.bands)
    if (name != task.fit.readout.output) task.module.outputs.push_back(name);
  return task;
}

void write_task(const TaskFile& task, const Network& network, const std::filesystem::path& name) {
  format::NetworkFile file = task.file;
  file.network = network;
  const std::string arrays = name.filename().string() + ".h5";
  data::Hdf5Writer writer(name.string() + ".h5");
  const format::ArrayStore store{.put = [&](const std::string& list,
                                            std::span<const double> numbers,
                                            const std::string& unit) {
    writer.numbers("/" + list, {numbers.size()}, {numbers.begin(), numbers.end()});
    return format::array_reference(arrays, list, unit);
  }};
  const std::string text = format::write_network(file, store) + task.sections;
  writer.commit();
  write_whole_file(name.string() + ".toml", text, "trained network '" + name.string() + "'");
}

}  // namespace callosum::learn
