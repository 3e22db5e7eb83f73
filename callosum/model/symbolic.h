#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "callosum/model/expression.h"

/// Rearranging expressions: what the choice of an integrator needs to know of a right side.
namespace callosum::model::symbolic {

/// Products and sums that drop 0 and 1.
ExpressionPtr add(ExpressionPtr a, ExpressionPtr b);
ExpressionPtr sub(ExpressionPtr a, ExpressionPtr b);
ExpressionPtr mul(ExpressionPtr a, ExpressionPtr b);
ExpressionPtr div(ExpressionPtr a, ExpressionPtr b);
ExpressionPtr neg(ExpressionPtr a);
bool is_number(const Expression& e, double value);

/// Whether `predicate` holds for a name (or a call without arguments, "rand()") in `e`.
bool mentions(const Expression& e, const std::function<bool(const std::string&)>& predicate);
bool mentions(const Expression& e, const std::string& name);

/// `e` with names replaced.
ExpressionPtr substitute(const ExpressionPtr& e, const std::map<std::string, ExpressionPtr>& by);

/// e = slope * name + rest, neither holding `name`; nullopt when e is not affine in `name` by the
/// rules of sums, products and quotients.
struct Affine {
  ExpressionPtr slope, rest;
};
std::optional<Affine> affine(const ExpressionPtr& e, const std::string& name);

/// Rewrites n/(exp(y)-1) and n/(1-exp(y)), with n proportional to y, through exprel, so that the
/// removable hole at y = 0 is gone.
ExpressionPtr guard_holes(const ExpressionPtr& e);

}  // namespace callosum::model::symbolic
