#pragma once

#include <vector>

#include "callosum/model/model.h"

namespace callosum::model {

/// What a model's text says, read and checked.
struct ModelParts {
  std::vector<Variable> variables;
  std::vector<Event> events;
  std::vector<Statement> on_pre, on_post;
  ExpressionPtr refractory_time, refractory_condition;
};

/// The models of the neurons that a synapse joins.
struct Ends {
  const Model *pre, *post;
};

/// Reads and checks every part. Equations of a synapse that read `x_pre` or `x_post` are checked
/// when `ends` are known and else only marked. Throws ErrorList holding everything that is wrong.
ModelParts read_parts(const ModelText& text, const Ends* ends = nullptr);

}  // namespace callosum::model
