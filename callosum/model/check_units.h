#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "callosum/model/model.h"

namespace callosum::model {

/// What a name stands for.
struct Known {
  Dimension dimension;
  ValueType type = ValueType::real;
};

/// The names an expression may use. `candidates` are offered when a name is unknown.
struct Scope {
  std::function<std::optional<Known>(const std::string&)> lookup;
  std::vector<std::string> candidates;
};

/// Resolves names and units and checks dimensions. The result has a dimension and type at every
/// node; units and constants have become numbers in internal units. Names of `scope` come before
/// units. Throws NameError, UnitError, SyntaxError (number of arguments) with a caret.
ExpressionPtr check_units(const SourceText& source, const ExpressionPtr& e, const Scope& scope);

/// Special names that every model knows: t, dt, i, N, xi, ... ; nullopt for others.
std::optional<Known> special_name(const std::string& name);

/// Whether no variable may have this name: it means something else in every neuron.
bool is_reserved(const std::string& name);

/// A unit as a person would read it, "1" for none.
std::string readable(Dimension d);

}  // namespace callosum::model
