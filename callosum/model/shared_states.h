#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "callosum/model/discretise.h"
#include "callosum/model/model.h"

namespace callosum::model {

/// States of a plastic synapse that need not be kept by each.
struct SharedStates {
  /// One value for all synapses of a source with one delay: only on_pre moves them, by constants
  /// and one another.
  std::vector<std::string> source;
  /// One value for all synapses of a target: only on_post moves them, by constants, one another and
  /// variables of the target. They are 0 until the target first fires, so that it does not matter
  /// how long its spikes take to each synapse.
  std::vector<std::string> target;

  bool of_source(const std::string& name) const;
  bool of_target(const std::string& name) const;
  bool contains(const std::string& name) const { return of_source(name) || of_target(name); }
};

/// Finds them among the states with these rows. `initial`: the value that a state has for all
/// synapses at first; states without differ from the start. `uniform`: parameters with one value.
/// All-to-all and nearest-neighbour traces are such states, eligibilities are not: what moves them
/// depends on the pair.
SharedStates shared_states(const Model& synapse, const Model& post,
                           const std::map<std::string, Row>& rows,
                           const std::set<std::string>& uniform,
                           const std::map<std::string, double>& initial);

}  // namespace callosum::model
