#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/network/network.h"

/// What every call of Network checks before it changes anything. `where` names the object that is
/// being described: "population 'exc'".
namespace callosum::checks {

/// A name that is not empty, has no control characters and is not among `taken`.
void new_name(const std::string& name, const std::vector<std::string>& taken,
              const std::string& where);

/// `given` after that check, or `described` with a number that makes it unique.
std::string unique_name(const std::string& given, const std::string& described,
                        const std::vector<std::string>& taken, const std::string& where);

/// The view's population exists and is the one it was made of, its neurons exist, there is at least
/// one, a list ascends.
void view(const View& view, const std::vector<Population>& populations, const std::string& where);

/// Which kinds of variables a use may name.
struct Kinds {
  bool state = false, parameter = false, subexpression = false;
  std::string plural;  ///< "states": for messages
};
/// The variable of `model` called `name` (or its alias). NameError with the nearest name of a
/// fitting kind, ValueError when it exists but is of another kind.
const model::Variable& variable(const model::Model& model, std::string_view name,
                                const Kinds& kinds, const std::string& where);

/// Unit and, for arrays, the number of elements.
void values(const Values& values, Dimension expected, std::size_t elements,
            const std::string& where);
/// Every value that is sure to occur lies in the variable's range.
void range(const Values& values, const model::Variable& variable, const std::string& where);

/// Resolves names and aliases, checks every value; returns them under the model's own names.
std::map<std::string, Values> assignments(const std::map<std::string, Values>& given,
                                          const model::Model& model, const Kinds& kinds,
                                          std::size_t elements, const std::string& where);

/// Every parameter that the model file leaves open is given.
void open_parameters(const model::Model& model, const std::map<std::string, Values>& given,
                     const std::string& where);

/// Dimensions, extents, number and range of positions.
void space(const Space& space, std::uint32_t size, const std::string& where);

/// The rule fits the two views.
void rule(const Rule& rule, const View& from, const View& to, const std::string& where);
/// Elements that an explicit array over the synapses of a rule must have; 0: takes no array.
std::size_t elements(const Rule& rule, const View& from, const View& to);
/// Values by synapse.
void synapse_values(const Values& values, Dimension expected, std::size_t elements,
                    const std::string& where);

/// Every linked variable of the synapse model has a link that fits, and no other has; fills in the
/// rules that are left out.
void links(SynapseOptions& synapse, const View& to, const std::vector<Population>& populations,
           const TimeGrid& grid, const std::string& where);

inline const Kinds states{.state = true, .plural = "states"};
inline const Kinds parameters{.parameter = true, .plural = "parameters"};

}  // namespace callosum::checks
