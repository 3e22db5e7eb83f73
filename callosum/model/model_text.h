#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "callosum/model/expression.h"

namespace callosum::model {

/// What a model is: decides which sections it may have.
enum class ModelKind { neuron, synapse, source };

/// A parameter of a model file: a default and what values make sense.
struct ParameterText {
  std::string name;
  std::string value = {};  ///< "200 pF"; empty when the user must give one
  std::string doc = {};
  std::string range = {};  ///< "> 0 pF", ">= 0 ms", "[0, 1]"; empty when any finite value will do
  SourceLocation location = {};
};

/// An extra event (Brian2 `events`): a condition and what happens to the neurons that meet it.
struct EventText {
  std::string name;
  SourceText condition;
  SourceText action;
};

/// A model as written, unread: the content of a model file, or of an inline table, or built in C++.
struct ModelText {
  ModelKind kind = ModelKind::neuron;
  std::string name;
  std::string doc;
  std::string reference;
  std::string file;                            ///< where it came from, for messages
  std::map<std::string, std::string> aliases;  ///< simulator -> its model name
  std::map<std::string, std::vector<std::string>> parameter_aliases;  ///< ours -> other names
  SourceText equations;
  SourceText threshold;
  SourceText reset;
  SourceText refractory;  ///< a time, a parameter name, or a condition
  std::vector<EventText> events;
  SourceText on_pre;  ///< synapses
  SourceText on_post;
  /// Synapses: "pre_first" (also when empty) or "post_first", which comes first at equal time.
  std::string coincidence;
  /// Synapses: "immediate" (also when empty), or "deferred" to the next presynaptic spike.
  std::string updates;
  std::string method;  ///< integrator; empty: chosen by analysis
  std::vector<ParameterText> parameters;
  std::vector<ParameterText> initial;  ///< initial values of states, as expressions of parameters
};

/// Reads a model file (TOML, DESIGN section 3). Throws FileError, SyntaxError, NameError naming
/// line and column; unknown keys are errors.
ModelText read_model_file(const std::string& path);
/// The same from text; `file` is used in messages.
ModelText read_model_text(const std::string& toml, const std::string& file);
/// The same, but what is wrong with keys and sections is added to `problems` and the rest is read
/// all the same. Throws SyntaxError where the text is no TOML.
ModelText read_model_text(const std::string& toml, const std::string& file,
                          std::vector<ErrorDetail>& problems);

}  // namespace callosum::model
