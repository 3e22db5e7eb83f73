#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "callosum/model/model.h"

namespace callosum::model {

/// Equations with parameters (name, value), as the tests write them.
inline ModelText text_of(const std::string& equations,
                         std::initializer_list<std::pair<const char*, const char*>> parameters = {},
                         const std::string& threshold = "", const std::string& reset = "",
                         const std::string& refractory = "") {
  ModelText text;
  text.name = "m";
  text.equations = {"equations of 'm'", equations, 1};
  text.threshold = {"threshold of 'm'", threshold, 1};
  text.reset = {"reset of 'm'", reset, 1};
  text.refractory = {"refractory of 'm'", refractory, 1};
  for (const auto& [name, value] : parameters) text.parameters.push_back({name, value, "", "", {}});
  return text;
}

inline Model model_of(const std::string& equations,
                      std::initializer_list<std::pair<const char*, const char*>> parameters = {},
                      const std::string& threshold = "", const std::string& reset = "",
                      const std::string& refractory = "") {
  return Model(text_of(equations, parameters, threshold, reset, refractory));
}

}  // namespace callosum::model
