#pragma once

#include <functional>
#include <set>
#include <string>

#include "callosum/model/program.h"

namespace callosum::learn {

/// What is known of a slot that does not change while a network runs.
enum class Held {
  no,      ///< it may change, or a gradient by it is wanted
  zero,    ///< 0 in every lane
  finite,  ///< some finite number in every lane
};

/// Which of the states `begin_at_zero` stay zero in every step, whatever arrives: a current that no
/// synapse targets, the counter of a refractory time of 0. `held` is asked of parameters and
/// derived values.
std::set<std::string> still_states(const model::Program& step,
                                   const std::set<std::string>& begin_at_zero,
                                   const std::function<Held(const model::Slot&)>& held);

/// The step with 0 in the place of these states and of what is held at zero; it does not store
/// them. All slots stay, in their order. A zero that it stores may have the other sign.
model::Program without_still_states(const model::Program& step, const std::set<std::string>& still,
                                    const std::function<Held(const model::Slot&)>& held);

}  // namespace callosum::learn
