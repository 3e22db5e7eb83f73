#include <cmath>
#include <map>

#include "callosum/core/error.h"
#include "callosum/memory/cam_memory.h"

namespace callosum::memory {
namespace {

using namespace callosum::literals;

constexpr const char* input_text = R"(
kind = "neuron"
doc = "Fires in every step in which it is driven"
equations = "drive : 1"
threshold = "drive > 0.5"
[parameters]
drive = 0
)";

// What SpiNNaker computes: a step takes what is due, moves the membrane with the current held, and
// lets the current decay. A step of ours moves first and then adds what is due: so a spike adds
// what its current does to the membrane in the first step, and the current that is left after it.
constexpr const char* neuron_text = R"(
kind = "neuron"
doc = "Leaky integrate-and-fire neuron with an exponentially decaying current that is held over each step"
equations = """
dV_m/dt = (V_rest - V_m + I_syn*tau_m/C_m)/tau_m : volt (unless refractory)
dI_syn/dt = -I_syn/tau_syn : amp
"""
method = "exponential_euler"
threshold = "V_m >= V_th"
reset = "V_m = V_rest"
refractory = "1*ms"
[parameters]
V_rest = "-60 mV"
V_th = "-57 mV"
tau_syn = "0.3 ms"
tau_m = "3 ms"
C_m = "0.27 nF"
[initial]
V_m = "V_rest"
)";

constexpr const char* static_text = R"(
kind = "synapse"
equations = """
kick : volt/amp
rest : 1
"""
on_pre = """
V_m_post += weight*kick
target += weight*rest
"""
)";

// Additive pairs; of two spikes that meet at the synapse that of the target comes first, and the
// weight is delivered after its update.
constexpr const char* plastic_text = R"(
kind = "synapse"
equations = """
dapre/dt = -apre/tau_plus : 1 (event-driven)
dapost/dt = -apost/tau_minus : 1 (event-driven)
kick : volt/amp
rest : 1
w_max : weight
"""
on_pre = """
weight = clip(weight - depression*w_max*apost, 0, w_max)
apre += 1
V_m_post += weight*kick
target += weight*rest
"""
on_post = """
weight = clip(weight + w_max*apre, 0, w_max)
apost += 1
"""
[parameters]
tau_plus = "3 ms"
tau_minus = "3 ms"
depression = 1
)";

model::Model model_of(const char* text, const char* name) {
  model::ModelText t = model::read_model_text(text, name);
  t.name = name;
  return model::Model(t);
}

struct Membrane {
  double tau_m_ms, C_m_pF, V_th_mV;
};
constexpr Membrane slow{3.0, 270, -57}, fast{0.5, 140, -57}, output{3.0, 270, -57.5};

enum class Size { cues, content, one };
struct Part {
  Size size;
  const Membrane* membrane;  // null: an input
};
constexpr std::array<Part, cam_populations.size()> parts{{{Size::cues, nullptr},
                                                          {Size::content, nullptr},
                                                          {Size::cues, &slow},
                                                          {Size::content, &slow},
                                                          {Size::content, &fast},
                                                          {Size::one, &fast},
                                                          {Size::cues, &fast},
                                                          {Size::content, &slow},
                                                          {Size::cues, &slow},
                                                          {Size::content, &slow},
                                                          {Size::cues, &output},
                                                          {Size::content, &output}}};

// All pairs but equal indices.
Rule all_others(std::uint32_t size) {
  std::vector<std::uint32_t> sources, targets;
  for (std::uint32_t i = 0; i < size; ++i)
    for (std::uint32_t j = 0; j < size; ++j)
      if (i != j) {
        sources.push_back(i);
        targets.push_back(j);
      }
  return pairs(std::move(sources), std::move(targets));
}

/// Builds the memory: weights in nA, as the paper has them.
class Builder {
 public:
  Builder(std::uint32_t cues, std::uint32_t content, const CamOptions& options)
      : net(1_ms, "cam_memory"), options_(options) {
    const auto input = model_of(input_text, "cam_input");
    const auto neuron = model_of(neuron_text, "cam_neuron");
    for (std::size_t p = 0; p < cam_populations.size(); ++p) {
      const std::string name(cam_populations[p]);
      const std::uint32_t size = parts[p].size == Size::one    ? 1
                                 : parts[p].size == Size::cues ? cues
                                                               : content;
      const Membrane* m = parts[p].membrane;
      PopulationOptions own;
      if (m != nullptr)
        own.parameters = {{"tau_m", internal(m->tau_m_ms, dimension::time)},
                          {"C_m", internal(m->C_m_pF, dimension::capacitance)},
                          {"V_th", internal(m->V_th_mV, dimension::voltage)}};
      views_[name] = net.add(name, size, m == nullptr ? input : neuron, own);
      membranes_[name] = m;
      net.record_spikes(views_[name]);
    }
  }

  void connect(const std::string& from, const std::string& to, const Rule& rule, double nA,
               double delay_ms) {
    net.connect(views_[from], views_[to], rule, synapse(from, to, nA, delay_ms));
  }
  void learn(const std::string& from, const std::string& to) {
    SynapseOptions s = synapse(from, to, 0, 1);
    s.model = model_of(plastic_text, "cam_stdp");
    s.parameters.insert(
        {{"w_max", internal(6000, dimension::current)}, {"depression", options_.depression}});
    if (options_.dendritic) {
      model::ModelText text = s.model->text();
      text.coincidence = "post_first";
      s.model = model::Model(text);
      s.dendritic_delay = 1_ms;
    }
    net.connect(views_[from], views_[to], all_to_all(), s);
  }

  Network net;

 private:
  static Quantity internal(double x, Dimension dimension) {
    return Quantity::from_internal(x, dimension);
  }
  SynapseOptions synapse(const std::string& from, const std::string& to, double nA,
                         double delay_ms) const {
    // Of a current that jumps by w and decays, a step sees the mean: w g.
    const Membrane& m = *membranes_.at(to);
    const double dt = 1, tau_syn = 0.3;
    const double g = tau_syn / dt * -std::expm1(-dt / tau_syn);
    const double kick = g * -std::expm1(-dt / m.tau_m_ms) * m.tau_m_ms / m.C_m_pF;  // mV/pA
    return {.target = "I_syn",
            .weight = internal(nA * 1000, dimension::current),
            .delay = internal(delay_ms, dimension::time),
            .model = model_of(static_text, "cam_static"),
            .parameters = {{"kick", internal(kick, dimension::voltage / dimension::current)},
                           {"rest", g * std::exp(-dt / tau_syn)}},
            .name = from + (nA < 0 ? " -| " : " -> ") + to};
  }

  CamOptions options_;
  std::map<std::string, View> views_;
  std::map<std::string, const Membrane*> membranes_;
};

}  // namespace

Network cam_network(std::uint32_t cues, std::uint32_t content, const CamOptions& options) {
  for (const auto& [size, what] : {std::pair{cues, "cues"}, {content, "bits of content"}})
    if (size == 0)
      throw ValueError({.where = "content-addressable memory",
                        .what = std::string("there are no ") + what,
                        .got = "0",
                        .expected = "at least one"});
  if (!(options.depression >= 0 && std::isfinite(options.depression)))
    throw ValueError({.where = "content-addressable memory",
                      .what = "the depression of STDP is out of range",
                      .got = to_string(Quantity(options.depression)),
                      .expected = "a finite number >= 0"});
  for (const std::int64_t steps : {options.learn_steps, options.recall_steps})
    if (!(steps >= 7))
      throw ValueError({.where = "content-addressable memory",
                        .what = "an operation is too short for its answer",
                        .got = std::to_string(steps) + " steps",
                        .expected = "at least 7"});
  Builder b(cues, content, options);
  const Rule one = one_to_one(), all = all_to_all(), others = all_others(cues);
  const double strong = -6.0 * content;
  b.connect("input_cue", "cue_cue", one, 6, 1);
  b.connect("input_content", "content_cue", one, 6, 1);
  b.connect("cue_cue", "cue_content", one, 6, 2);
  b.connect("cue_cue", "cue_content", others, strong, 3);
  b.connect("cue_cue", "condition", all, -6, 2);
  b.connect("content_cue", "condition", one, 9, 1);
  b.connect("condition", "content_content", one, 6, 1);
  b.connect("content_cue", "condition_inhibitor", all, 6, 1);
  b.connect("condition_inhibitor", "condition", all, 2, 1);
  b.connect("cue_content", "cue_content", others, strong, 2);
  b.connect("cue_cue", "merge_cue", one, 6, 3);
  b.connect("cue_content", "merge_cue", one, 6, 1);
  b.connect("content_cue", "merge_content", one, 6, 3);
  b.connect("content_content", "merge_content", one, 6, 1);
  b.connect("merge_cue", "output_cue", one, 6, 1);
  b.connect("merge_content", "output_content", one, 6, 1);
  b.learn("cue_cue", "content_cue");
  b.learn("content_content", "cue_content");
  return b.net;
}

}  // namespace callosum::memory
