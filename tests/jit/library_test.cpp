#include "callosum/library/library.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "callosum/model/adjoint.h"
#include "callosum/model/step.h"
#include "tests/jit/equality.h"

namespace callosum {
namespace {

using model::SlotKind;
using test::Lanes;

constexpr std::int64_t size = 256;
constexpr int steps = 300;

/// The model's parameters, and what follows from them, as the step reads them.
std::map<std::string, double> constants(const model::Model& m, const model::StepProgram& compiled) {
  const auto program = model::lower_functions(compiled.constants, Precision::twofold);
  Lanes<double> lanes(program, 64);
  for (std::size_t s = 0; s < program.slots.size(); ++s) {
    const auto& slot = program.slots[s];
    const auto* variable = m.find(slot.name);
    const double value = slot.name == "dt"             ? 0.1
                         : variable && variable->value ? *variable->value
                                                       : 0;
    lanes.uniform(s) = value;
    std::fill(lanes.column(s).begin(), lanes.column(s).end(), value);
  }
  lanes.with([&](const auto& a) { model::interpret(program, a, 0, 64); });
  std::map<std::string, double> values;
  for (std::size_t s = 0; s < program.slots.size(); ++s)
    values[program.slots[s].name] = program.slots[s].lane ? lanes.column(s)[0] : lanes.uniform(s);
  return values;
}

template <class T>
class Runs {
 public:
  Runs(const model::Model& m, const model::Program& program,
       const std::map<std::string, double>& constants)
      : model_(m), program_(program), constants_(constants) {}

  /// A random state around the model's own.
  Lanes<T> start() {
    Lanes<T> lanes(program_, size);
    Stream draw(StreamKey(3, name_hash(program_.name), Purpose::initial), 0);
    for (std::size_t s = 0; s < program_.slots.size(); ++s) {
      const auto& slot = program_.slots[s];
      double value = 0;
      if (const auto it = constants_.find(slot.name); it != constants_.end())
        value = it->second;
      else if (const auto* variable = model_.find(slot.name); variable && variable->value)
        value = *variable->value;
      lanes.uniform(s) = static_cast<T>(value);
      const bool state = slot.kind == SlotKind::state;
      for (T& x : lanes.column(s))
        x = static_cast<T>(state ? value + std::abs(draw.normal()) : value);
    }
    for (T& x : refractory(lanes)) x = std::floor(x);
    return lanes;
  }

  /// This step's arrivals, draws and time.
  void drive(Lanes<T>& lanes, int step) const {
    for (std::size_t s = 0; s < program_.slots.size(); ++s) {
      Stream draw(StreamKey(5, s, Purpose::noise), static_cast<std::uint64_t>(step));
      const SlotKind kind = program_.slots[s].kind;
      if (kind == SlotKind::time) lanes.uniform(s) = static_cast<T>(0.1 * step);
      if (!program_.slots[s].lane) continue;
      for (T& x : lanes.column(s)) {
        if (kind == SlotKind::input) x = static_cast<T>(draw.below(8) ? 0 : 20 * draw.normal());
        if (kind == SlotKind::normal) x = static_cast<T>(draw.normal());
        if (kind == SlotKind::uniform) x = static_cast<T>(draw.uniform());
      }
    }
  }

  /// How many bits were set in masks; the first difference fails the test.
  std::size_t compare(int width) {
    const jit::Kernel kernel(program_, {.lanes = width, .use_cache = false});
    Lanes<T> by_code = start();
    Lanes<T> by_oracle = by_code;
    std::size_t events = 0;
    for (int step = 0; step < steps; ++step) {
      drive(by_code, step);
      drive(by_oracle, step);
      by_code.with([&](const auto& a) { kernel.run(a, 0, size); });
      by_oracle.with([&](const auto& a) { model::interpret(program_, a, 0, size); });
      const auto equal = test::same(program_, by_code, by_oracle);
      if (!equal) {
        ADD_FAILURE() << program_.name << " width " << width << " step " << step << ": "
                      << equal.message();
        return 0;
      }
      for (std::size_t m = 0; m < program_.masks.size(); ++m)
        for (const auto word : by_code.mask(m))
          events += static_cast<std::size_t>(std::popcount(word));
    }
    return events;
  }

 private:
  std::span<T> refractory(Lanes<T>& lanes) const {
    const int slot = program_.index("refractory_steps");
    return slot < 0 ? std::span<T>{} : lanes.column(static_cast<std::size_t>(slot));
  }

  const model::Model& model_;
  const model::Program& program_;
  const std::map<std::string, double>& constants_;
};

/// The models' steps with all parameters shared, or one value per neuron each.
template <class T>
void expect_steps(bool per_neuron) {
  for (const std::string& name : library::names(model::ModelKind::neuron)) {
    SCOPED_TRACE(name);
    const auto m = library::neuron(name);
    model::StepOptions options;
    for (const auto& v : m.variables()) {
      if (v.kind == model::VariableKind::state) options.inputs.insert(v.name);
      if (v.kind == model::VariableKind::parameter && per_neuron) options.per_neuron.insert(v.name);
    }
    const auto compiled = model::compile_step(m, options);
    const auto program = model::lower_functions(compiled.step, test::precision_of<T>);
    const auto values = constants(m, compiled);
    Runs<T> runs(m, program, values);
    const auto events = runs.compare(4);
    EXPECT_EQ(runs.compare(8), events);
    EXPECT_EQ(runs.compare(16), events);
    if (!program.masks.empty()) {
      EXPECT_GT(events, 0u) << "a run without spikes shows little";
    }
  }
}

template <class T>
class LibraryPrograms : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(LibraryPrograms, Reals);

TYPED_TEST(LibraryPrograms, StepAsInterpretedWithSharedParameters) {
  expect_steps<TypeParam>(false);
}

TYPED_TEST(LibraryPrograms, StepAsInterpretedWithParametersPerNeuron) {
  expect_steps<TypeParam>(true);
}

TYPED_TEST(LibraryPrograms, StatementsWithNamesOfTheirOwnStepAsInterpreted) {
  model::ModelText text;
  text.name = "statements";
  text.equations.text =
      "dv/dt = (2 - v)/(10*ms) : 1\ndu/dt = -u/(20*ms) : 1\nn = timestep(t, 3*dt) % 7 : integer";
  text.threshold.text = "v > 1";
  text.reset.text =
      "jump = 0.1*v + 0.01*n; v = 0; u += jump; jump **= 2; u //= 1 + jump; v -= jump";
  const model::Model m(text);
  const auto compiled = model::compile_step(m, {.inputs = {"v"}});
  const auto program = model::lower_functions(compiled.step, test::precision_of<TypeParam>);
  const auto values = constants(m, compiled);
  Runs<TypeParam> runs(m, program, values);
  const auto events = runs.compare(4);
  EXPECT_GT(events, 0u);
  EXPECT_EQ(runs.compare(8), events);
  EXPECT_EQ(runs.compare(16), events);
}

TYPED_TEST(LibraryPrograms, AdjointsAreComputedAsInterpreted) {
  using T = TypeParam;
  for (const std::string& name : library::names(model::ModelKind::neuron)) {
    SCOPED_TRACE(name);
    const auto m = library::neuron(name);
    const auto compiled = model::compile_step(m, {});
    auto backward = model::adjoint(compiled.step, {.surrogate = model::Surrogate::fast_sigmoid});
    // Every lane has its share of the gradient of what all share.
    for (auto& slot : backward.slots)
      if (slot.kind == SlotKind::gradient) slot.lane = true;
    const auto program = model::lower_functions(backward, test::precision_of<T>);
    const auto values = constants(m, compiled);
    Runs<T> runs(m, program, values);
    Lanes<T> start = runs.start();
    Stream draw(StreamKey(9, name_hash(name), Purpose::initial), 0);
    for (std::size_t s = 0; s < program.slots.size(); ++s)
      if (program.slots[s].kind == SlotKind::cotangent)
        for (T& x : start.column(s)) x = static_cast<T>(draw.normal());
    test::expect_as_interpreted(program, start);
  }
}

TYPED_TEST(LibraryPrograms, ArrivalsAreComputedAsInterpreted) {
  using T = TypeParam;
  for (const std::string& name : library::names(model::ModelKind::synapse)) {
    SCOPED_TRACE(name);
    const auto synapse = library::synapse(name);
    // Spikes of a synapse with states add to those: tests/sim/library_synapses_test.cpp runs them.
    // Rules that move the weight have programs of their own: tests/sim/plastic_rules_test.cpp.
    if (std::any_of(synapse.on_pre().begin(), synapse.on_pre().end(),
                    [](const auto& s) { return s.target == "weight"; }) ||
        std::any_of(synapse.variables().begin(), synapse.variables().end(),
                    [](const auto& v) { return v.kind == model::VariableKind::state; }))
      continue;
    if (synapse.on_pre().empty()) continue;  // gap junctions
    const auto post = library::neuron("lif_cond_exp");
    const auto compiled = model::compile_on_pre(synapse, post, "g_ex", 0.1);
    const auto program = model::lower_functions(compiled.program, test::precision_of<T>);
    Lanes<T> start(program, size);
    Stream draw(StreamKey(7, name_hash(name), Purpose::initial), 0);
    for (std::size_t s = 0; s < program.slots.size(); ++s) {
      start.uniform(s) = static_cast<T>(draw.uniform());
      for (T& x : start.column(s)) x = static_cast<T>(draw.normal());
    }
    test::expect_as_interpreted(program, start, 3);
  }
}

}  // namespace
}  // namespace callosum
