#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/time_grid.h"
#include "callosum/core/units.h"
#include "callosum/model/model.h"
#include "callosum/model/step.h"
#include "callosum/network/rule.h"
#include "callosum/network/values.h"

namespace callosum {

/// Neurons begin, begin+step, ... below end of one population, or an explicit list.
struct View {
  std::uint32_t population = 0;
  std::uint32_t begin = 0, end = 0, step = 1;
  std::vector<std::uint32_t> list = {};  ///< ascending; used instead of the range when not empty
  /// Hash of the population's name, as Network gives it: tells a view of another network. 0: not
  /// checked, and no part of equality.
  std::uint64_t of = 0;

  std::uint32_t size() const;
  std::uint32_t index(std::uint32_t i) const;  ///< i-th neuron's index within the population
  bool operator==(const View& o) const {
    return population == o.population && begin == o.begin && end == o.end && step == o.step &&
           list == o.list;
  }
};

/// Space in which neurons have positions, for distance-dependent rules and delays.
struct Space {
  int dimensions = 2;                     ///< 1, 2, 3
  std::array<double, 3> extent_um{};      ///< edge lengths
  bool wrap = false;                      ///< periodic
  bool grid = false;                      ///< regular lattice; else uniform random
  std::vector<double> positions_um = {};  ///< explicit: size x dimensions
  bool operator==(const Space&) const = default;
};

struct Population {
  std::string name;
  std::uint32_t size = 0;
  model::Model model;
  std::map<std::string, Values> parameters = {};  ///< that differ from the model's defaults
  std::map<std::string, Values> initial = {};     ///< initial values of states
  std::optional<Space> space = {};
  std::string method = {};  ///< integrator; "" : the model's
  std::map<std::string, int> substeps = {};
  /// Spike lists (model "spike_list"): neuron and step of every spike, by step then neuron.
  std::vector<std::uint32_t> spike_neurons = {};
  std::vector<std::int64_t> spike_steps = {};
};

/// Of the weights that a static projection draws. Half: rounded at the draw to 11 significant bits,
/// so that every use sees one value, and stored in 16 bits with a power of two for the projection.
/// It is part of the network: spikes differ from those of full weights.
enum class WeightPrecision { full, half };

/// Stored: rows are drawn once and kept. Procedural: nothing is kept and each row is drawn again,
/// to the same synapses, whenever its source spikes: slower, for networks that memory cannot hold.
enum class Rows { stored, procedural };

enum class SynapseState { automatic, per_target, per_source, per_synapse };

/// Where the synapses of a projection find a variable marked (linked), a third factor: in another
/// population. In each step the synapses onto a target see the sum over the rule's connections of
/// weight * variable, as it was `delay` ago.
struct Link {
  View from = {};
  std::string variable = {};      ///< state or subexpression of its model
  std::optional<Rule> rule = {};  ///< onto the targets; absent: of one neuron all, else one to one
  Values weight = 1.0;
  std::optional<Values> delay = {};  ///< absent: one step
};

/// What travels along a projection.
struct SynapseOptions {
  std::string target = {};  ///< variable of the target population: "g_ex"
  Values weight = 1.0;
  std::optional<Values> delay = {};        ///< absent: one step; zero is legal outside cycles only
  std::optional<model::Model> model = {};  ///< null: static, `target += weight`
  WeightPrecision weight_precision = WeightPrecision::full;
  Rows rows = Rows::stored;
  std::map<std::string, Values> parameters = {};
  std::map<std::string, Link> links = {};  ///< by linked variable of the model: one for each
  /// Plastic synapses: at most this much of the delay lies behind the synapse, on the dendrite; the
  /// target's spikes take as long to come back. The rest, and without this all, lies on the axon.
  std::optional<Quantity> dendritic_delay = {};
  /// Propagation speed: delay + distance / velocity, rounded to the nearest step, at least one.
  std::optional<Quantity> velocity = {};  ///< dimension length / time
  SynapseState state = SynapseState::automatic;
  /// Continuous: every step target receives the sum of weight * source_variable, read `delay` ago.
  std::string source_variable = {};
  std::string name = {};  ///< "" : "from -> to : target", made unique
};

struct Projection {
  std::string name;
  View from, to;
  Rule rule;
  SynapseOptions synapse;
};

/// An input that needs no source population.
struct Stimulus {
  enum class Kind {
    constant,  ///< `value` held
    steps,     ///< element i of the array `value` from times[i] on, for all neurons
    sine,      ///< value + amplitude * sin(2 pi frequency t + phase)
    noise,     ///< white: normal with sd `amplitude`, redrawn every `interval`
    poisson,   ///< arrivals: `sources` independent trains of `rate`, each spike adds `value`
    array,     ///< samples[k * size + i] during interval k
  };
  Kind kind = Kind::constant;
  std::string name = {};
  View to = {};
  std::string target =
      {};  ///< constant..noise, array: a parameter (added to its value); poisson: a state
  Values value = 0.0;
  Quantity amplitude = {}, frequency = {};
  double phase = 0;
  Values rate = Quantity(0, dimension::frequency);
  double sources = 1;
  std::vector<std::int64_t> times = {};  ///< steps
  std::vector<double> samples = {};      ///< internal units
  std::int64_t start = 0, stop = -1;     ///< steps; -1: no end
  std::int64_t interval = 1;             ///< steps
};

struct Recorder {
  enum class Kind { spikes, variable, weights };
  Kind kind = Kind::spikes;
  View view = {};             ///< spikes, variable
  std::string variable = {};  ///< state or subexpression
  std::uint32_t projection = 0;
  std::int64_t interval = 1;  ///< steps
};

/// What may be said of a population beside its size and model.
struct PopulationOptions {
  std::map<std::string, Values> parameters = {}, initial = {};
  std::optional<Space> space = {};
  std::string method = {};
  std::map<std::string, int> substeps = {};
};

/// A network: populations, projections, stimuli, recorders. A value without state; copying copies
/// the description. Every call checks its arguments and changes nothing when it throws
/// (NameError, UnitError, ValueError, ShapeError).
class Network {
 public:
  explicit Network(Quantity dt = Quantity(1e-4, dimension::time), std::string name = "network");

  View add(std::string name, std::uint32_t size, const model::Model& model,
           PopulationOptions options = {});
  /// A population that fires at the given times, multiples of dt from dt on (the first step ends
  /// there).
  View add_spike_list(std::string name, std::uint32_t size, std::vector<std::uint32_t> neurons,
                      std::vector<Quantity> times);
  /// Replaces what a population of `add_spike_list` fires: neuron and step (1 or more) of each
  /// spike.
  void set_spikes(View population, std::vector<std::uint32_t> neurons,
                  std::vector<std::int64_t> steps);
  std::uint32_t connect(View from, View to, Rule rule, SynapseOptions synapse);
  /// Puts another projection in the place of one, under its name unless it brings its own.
  void replace(std::uint32_t projection, View from, View to, Rule rule, SynapseOptions synapse);
  /// Gives the model of a whole population a parameter more, 0, that no equation reads.
  void declare(View population, const std::string& name, Dimension dimension);
  std::uint32_t stimulate(Stimulus stimulus);
  void record_spikes(View view);
  void record(View view, std::string variable, Quantity interval = Quantity(0, dimension::time));
  void record_weights(std::uint32_t projection, Quantity interval);

  View population(std::string_view name) const;  ///< NameError with the nearest name
  View slice(View view, std::uint32_t begin, std::uint32_t end) const;
  /// Replaces a parameter's or initial value.
  void set(View population, std::string_view parameter, Values values);

  const std::string& name() const { return name_; }
  const TimeGrid& grid() const { return grid_; }
  model::Schedule schedule() const { return schedule_; }
  void set_schedule(model::Schedule schedule) { schedule_ = schedule; }
  const std::vector<Population>& populations() const { return populations_; }
  const std::vector<Projection>& projections() const { return projections_; }
  const std::vector<Stimulus>& stimuli() const { return stimuli_; }
  const std::vector<Recorder>& recorders() const { return recorders_; }
  std::uint64_t neurons() const;
  /// Global id of a population's first neuron: populations in order of `add`.
  std::uint64_t first_id(std::uint32_t population) const;
  /// Hash of everything that decides the result, for restart and provenance.
  std::uint64_t hash() const;

 private:
  Projection checked(View from, View to, Rule rule, SynapseOptions synapse,
                     const std::vector<std::string>& taken) const;

  std::string name_;
  TimeGrid grid_;
  model::Schedule schedule_ = model::Schedule::callosum;
  std::vector<Population> populations_;
  std::vector<Projection> projections_;
  std::vector<Stimulus> stimuli_;
  std::vector<Recorder> recorders_;
};

/// Targets are owned in blocks of this many neurons: a constant of every network, so that no
/// result depends on how blocks are shared out.
inline constexpr std::uint32_t block_size = 1024;

}  // namespace callosum
