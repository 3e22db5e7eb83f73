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

/// Reads and checks every part. Throws ErrorList holding everything that is wrong.
ModelParts read_parts(const ModelText& text);

}  // namespace callosum::model
