#include "callosum/model/model_text.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "callosum/core/toml.h"
#include "callosum/core/toml_characters.h"

namespace callosum::model {
namespace {

// One model file being read; all problems are gathered.
class Reader {
 public:
  Reader(const std::string& text, std::string file) : text_(text), file_(std::move(file)) {}

  ModelText read() {
    check_toml_characters(text_, file_);
    toml::table table;
    try {
      table = toml::parse(text_, file_);
    } catch (const toml::parse_error& error) {
      throw SyntaxError({.where = file_,
                         .what = std::string(error.description()),
                         .got = {},
                         .expected = {},
                         .nearest = {},
                         .location = at(error.source().begin)});
    } catch (const BrokenToml& error) {
      throw SyntaxError({.where = file_, .what = "the text is no TOML", .got = error.what()});
    }
    ModelText model;
    model.file = file_;
    known(table, "model file",
          {"kind", "name", "doc", "reference", "aliases", "equations", "threshold", "reset",
           "refractory", "events", "on_pre", "on_post", "coincidence", "updates", "method",
           "parameters", "initial"});
    model.name = stem();
    string(table, "name", model.name);
    std::string kind = "neuron";
    string(table, "kind", kind);
    if (kind == "neuron")
      model.kind = ModelKind::neuron;
    else if (kind == "synapse")
      model.kind = ModelKind::synapse;
    else if (kind == "source")
      model.kind = ModelKind::source;
    else
      problem("model file", "unknown kind", kind, "neuron, synapse or source", "",
              *table.get("kind"));
    string(table, "doc", model.doc);
    string(table, "reference", model.reference);
    string(table, "method", model.method);
    const std::string of = " of '" + model.name + "'";
    source(table, "equations", "equations" + of, model.equations);
    source(table, "threshold", "threshold" + of, model.threshold);
    source(table, "reset", "reset" + of, model.reset);
    source(table, "refractory", "refractory" + of, model.refractory);
    source(table, "on_pre", "on_pre" + of, model.on_pre);
    source(table, "on_post", "on_post" + of, model.on_post);
    choice(table, "coincidence", {"pre_first", "post_first"}, model.coincidence);
    choice(table, "updates", {"immediate", "deferred"}, model.updates);
    if (const toml::table* aliases = section(table, "aliases")) {
      for (const auto& [key, node] : *aliases) {
        if (const auto text = node.value<std::string>())
          model.aliases[std::string(key.str())] = *text;
        else
          problem("aliases", "an alias is a text", std::string(key.str()), "\"...\"", "", node);
      }
    }
    if (const toml::table* events = section(table, "events"))
      for (const auto& [key, node] : *events) {
        EventText event;
        event.name = key.str();
        if (const toml::table* t = node.as_table()) {
          known(*t, "event '" + event.name + "'", {"condition", "action"});
          source(*t, "condition", "condition of event '" + event.name + "'", event.condition);
          source(*t, "action", "action of event '" + event.name + "'", event.action);
        } else {
          problem("events", "an event is a table", event.name,
                  "{ condition = \"...\", action = \"...\" }", "", node);
        }
        model.events.push_back(std::move(event));
      }
    parameters(table, "parameters", model.parameters, &model.parameter_aliases);
    parameters(table, "initial", model.initial, nullptr);
    return model;
  }

  std::vector<ErrorDetail>& problems() { return problems_; }

 private:
  std::string stem() const {
    const auto slash = file_.find_last_of('/');
    std::string name = slash == std::string::npos ? file_ : file_.substr(slash + 1);
    return name.substr(0, name.find('.'));
  }
  /// Where a line begins in the file; npos beyond its end.
  std::size_t line_begin(int line) const {
    std::size_t begin = 0;
    for (int k = 1; k < line && begin != std::string::npos; ++k) {
      begin = text_.find('\n', begin);
      if (begin != std::string::npos) ++begin;
    }
    return begin;
  }
  SourceLocation at(const toml::source_position& position) const {
    SourceLocation location;
    location.file = file_;
    location.line = static_cast<int>(position.line);
    location.column = static_cast<int>(position.column);
    const std::size_t begin = line_begin(location.line);
    if (begin != std::string::npos && begin <= text_.size())
      location.text = text_.substr(begin, text_.find('\n', begin) - begin);
    return location;
  }
  void problem(std::string where, std::string what, std::string got, std::string expected,
               std::string nearest, const auto& node) {
    problems_.push_back({.where = std::move(where),
                         .what = std::move(what),
                         .got = std::move(got),
                         .expected = std::move(expected),
                         .nearest = std::move(nearest),
                         .location = at(node.source().begin)});
  }
  void known(const toml::table& table, const std::string& where,
             const std::vector<std::string>& keys) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::find(keys.begin(), keys.end(), name) == keys.end())
        problem(where, "unknown key", name, one_of(keys), nearest_name(name, keys), key);
    }
  }
  static std::string one_of(const std::vector<std::string>& keys) {
    std::string out;
    for (const std::string& key : keys) out += (out.empty() ? "one of " : ", ") + key;
    return out;
  }
  const toml::table* section(const toml::table& table, const char* key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return nullptr;
    if (node->is_table()) return node->as_table();
    problem("model file", std::string("'") + key + "' is a table", "", std::string("[") + key + "]",
            "", *node);
    return nullptr;
  }
  void string(const toml::table& table, const char* key, std::string& out) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    if (const auto text = node->value<std::string>())
      out = *text;
    else
      problem("model file", std::string("'") + key + "' is a text", "", "\"...\"", "", *node);
  }
  void choice(const toml::table& table, const char* key, const std::vector<std::string>& choices,
              std::string& out) {
    string(table, key, out);
    if (out.empty() || std::find(choices.begin(), choices.end(), out) != choices.end()) return;
    problem("model file", std::string("unknown choice for '") + key + "'", out,
            choices[0] + " or " + choices[1], nearest_name(out, choices), *table.get(key));
  }
  void source(const toml::table& table, const char* key, std::string name, SourceText& out) {
    out.name = std::move(name);
    string(table, key, out.text);
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const toml::source_position begin = node->source().begin;
    out.first_line = static_cast<int>(begin.line);
    // A multi-line text begins on the line after its opening quotes.
    const std::string line = at(begin).text;
    const auto quotes = line.find("\"\"\"");
    if (quotes != std::string::npos && quotes + 3 == line.size()) ++out.first_line;
    place(out, static_cast<int>(begin.line) == out.first_line ? begin.column : 1);
  }
  /// Ties a text to the lines of the file, where they show it as it is: no escapes within.
  void place(SourceText& out, std::size_t column) {
    const std::size_t begin = line_begin(out.first_line);
    if (out.text.empty() || begin == std::string::npos) return;
    const std::size_t found = column > 1 ? text_.find(out.text, begin + column) : begin;
    if (found == std::string::npos || found > text_.find('\n', begin) ||
        text_.compare(found, out.text.size(), out.text) != 0)
      return;
    const std::size_t end = found + out.text.size();
    out.file = file_;
    out.before = text_.substr(begin, found - begin);
    out.after = text_.substr(end, std::min(text_.find('\n', end), text_.size()) - end);
  }
  void parameters(const toml::table& table, const char* key, std::vector<ParameterText>& out,
                  std::map<std::string, std::vector<std::string>>* aliases) {
    const toml::table* list = section(table, key);
    if (list == nullptr) return;
    // In the order written: toml++ sorts keys.
    std::vector<std::pair<const toml::key*, const toml::node*>> ordered;
    for (const auto& [name, node] : *list) ordered.emplace_back(&name, &node);
    std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
      return a.second->source().begin.line < b.second->source().begin.line;
    });
    for (const auto& [name, node] : ordered) {
      ParameterText p;
      p.name = name->str();
      p.location = at(node->source().begin);
      const toml::node* value = node;
      if (const toml::table* t = node->as_table()) {
        known(*t, "parameter '" + p.name + "'", {"value", "doc", "range", "aliases"});
        string(*t, "doc", p.doc);
        string(*t, "range", p.range);
        if (const toml::array* others = t->get("aliases") ? t->get("aliases")->as_array() : nullptr)
          for (const toml::node& other : *others)
            if (const auto text = other.value<std::string>(); text && aliases)
              (*aliases)[p.name].push_back(*text);
        value = t->get("value");
      }
      if (value == nullptr) {
      } else if (const auto text = value->value<std::string>()) {
        p.value = *text;
      } else if (const auto number = value->value<double>()) {
        p.value = to_string(Quantity(*number));
      } else {
        problem("parameter '" + p.name + "'", "a value is a text or a number", "", "\"200 pF\"", "",
                *value);
      }
      out.push_back(std::move(p));
    }
  }

  const std::string& text_;
  std::string file_;
  std::vector<ErrorDetail> problems_;
};

}  // namespace

ModelText read_model_text(const std::string& toml, const std::string& file) {
  std::vector<ErrorDetail> problems;
  ModelText text = read_model_text(toml, file, problems);
  if (!problems.empty()) throw ErrorList(std::move(problems));
  return text;
}

ModelText read_model_text(const std::string& toml, const std::string& file,
                          std::vector<ErrorDetail>& problems) {
  Reader reader(toml, file);
  ModelText text = reader.read();
  problems.insert(problems.end(), reader.problems().begin(), reader.problems().end());
  return text;
}

ModelText read_model_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    throw FileError({.where = "model file",
                     .what = "the file cannot be read",
                     .got = path,
                     .expected = {},
                     .nearest = {},
                     .location = std::nullopt});
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return read_model_text(text, path);
}

}  // namespace callosum::model
