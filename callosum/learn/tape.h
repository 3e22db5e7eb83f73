#pragma once

#include <set>
#include <string>

#include "callosum/model/adjoint.h"
#include "callosum/model/program.h"

namespace callosum::learn {

/// The two programs of an unrolled step, and what the first leaves for the second.
struct TapedStep {
  /// The step. Beside its states it stores what the reverse step needs, slots "kept(0)", ...
  model::Program forward;
  /// Reads "kept(k)"; reads and writes "bar(x)" of every state x (the derivative of the loss with
  /// respect to x after the step, then before it); reads "bar(spike)"; writes "grad(in(x))" of
  /// every input and "grad(I)" of the driven parameters wanted; adds to "sum(p)" of the parameters
  /// wanted.
  model::Program backward;
  /// Where the surrogate has compact support: reads "kept(k)" and raises the mask "active" of those
  /// lanes in which "bar(spike)" can have any influence. Without code where it has not.
  model::Program active;
  int kept = 0;
};

/// What the reverse step gives beside the derivatives of states and inputs.
struct TapeWishes {
  std::set<std::string> driven;      ///< driven parameters
  std::set<std::string> parameters;  ///< parameters and derived values of the step
};

/// Splits a step (not lowered) and its adjoint so that as little as possible is kept from one to
/// the other: the smallest number of values from which the adjoint can be computed again, a minimum
/// vertex cut of the graph of values between what the step reads and what the adjoint uses. What
/// all lanes share, and parameters, need no keeping. The counter "refractory_steps" is whole and
/// passes no gradient.
TapedStep tape(const model::Program& step, const model::AdjointOptions& options,
               const TapeWishes& wishes);

}  // namespace callosum::learn
