#include "callosum/learn/torch/evaluate.h"

#include <ATen/ATen.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/core/team.h"
#include "callosum/sim/simulation.h"

namespace callosum::learn {
namespace {

/// Samples that one Simulation sees in a row; also a batch of the module.
constexpr std::int64_t in_a_row = 250;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The population and state ("" for spikes) that a readout reads.
struct Source {
  std::string population, state;
  bool counted;  ///< spikes summed over time
};
Source source_of(const Readout& readout) {
  const bool counted = readout.kind == Readout::Kind::count || readout.kind == Readout::Kind::rate;
  if (readout.kind == Readout::Kind::first_spike) return {readout.output, "", false};
  const std::size_t dot = readout.output.rfind('.');
  if (dot == std::string::npos)
    throw NameError({.where = "readout",
                     .what = "this kind reads a count or a state",
                     .got = readout.output,
                     .expected = "\"population.count\" or \"population.state\""});
  return {readout.output.substr(0, dot), counted ? "" : readout.output.substr(dot + 1), counted};
}

void judge(Evaluation& e, const SpikeSamples& samples, const Readout& readout) {
  e.samples = samples.size();
  e.answers = readout.decide(e.outputs);
  std::int64_t right = 0;
  for (std::int64_t k = 0; k < e.samples; ++k)
    right += e.answers[k].item<std::int64_t>() == samples.label(k);
  e.accuracy = static_cast<double>(right) / static_cast<double>(e.samples);
  e.spikes /= static_cast<double>(e.samples);
  e.synaptic_operations /= static_cast<double>(e.samples);
}

/// Tells how many samples are done, from any thread.
class Teller {
 public:
  Teller(const ProgressCallback& progress, std::int64_t total)
      : progress_(progress), total_(total) {}
  void add(std::int64_t samples) {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ += samples;
    if (progress_ && !progress_({"evaluating", static_cast<double>(done_),
                                 static_cast<double>(total_), std::to_string(done_) + " samples"}))
      throw Interrupted({.where = "evaluation", .what = "stopped on request"});
  }

 private:
  const ProgressCallback& progress_;
  std::mutex mutex_;
  std::int64_t done_ = 0, total_;
};

}  // namespace

Evaluation evaluate_events(const Network& network, const SpikeSamples& samples,
                           const Readout& readout, const EvaluationOptions& options) {
  const std::string input = check_samples(network, samples);
  const Source source = source_of(readout);
  const View out = network.population(source.population);
  const std::int64_t classes = out.size(), steps = samples.steps(), all = samples.size();
  Evaluation e;
  e.outputs = source.counted ? at::zeros({all, classes}) : at::zeros({steps, all, classes});
  float* const to = e.outputs.data_ptr<float>();
  const std::int64_t rows = (all + in_a_row - 1) / in_a_row;
  std::atomic<std::int64_t> next = 0;
  std::mutex mutex;
  Teller teller(options.progress, all);
  Team team(options.threads);
  const double started = now_s();
  team.run([&](int) {
    for (std::int64_t r = next++; r < rows; r = next++) {
      const std::int64_t first = r * in_a_row, count = std::min(in_a_row, all - first);
      Network net = network;
      std::vector<std::uint32_t> neurons;
      std::vector<std::int64_t> stamps;
      for (std::int64_t k = 0; k < count; ++k)
        for (std::int64_t t = 0; t < steps; ++t)
          for (std::size_t w = 0; w < samples.words(); ++w)
            for (std::uint64_t bits = samples.row(first + k, t)[w]; bits != 0; bits &= bits - 1) {
              neurons.push_back(static_cast<std::uint32_t>(64 * w) +
                                static_cast<std::uint32_t>(std::countr_zero(bits)));
              stamps.push_back(k * steps + t + 1);
            }
      const std::size_t given = neurons.size();
      net.set_spikes(net.population(input), std::move(neurons), std::move(stamps));
      if (source.state.empty())
        net.record_spikes(out);
      else
        net.record(out, source.state);
      Simulation sim(std::move(net), {.seed = options.seed, .precision = options.precision});
      for (std::int64_t k = 0; k < count; ++k) {
        sim.run_steps(steps);
        if (k + 1 < count) sim.reset(Reset::state);
      }
      const Recording recording = sim.recording();
      const std::lock_guard<std::mutex> lock(mutex);
      const RunStatistics statistics = sim.statistics();
      e.synaptic_operations += static_cast<double>(statistics.synaptic_events);
      e.spikes += static_cast<double>(statistics.spikes) - static_cast<double>(given);
      const auto place = [&](std::int64_t k, std::int64_t t, std::int64_t c) -> float& {
        return to[(source.counted ? first + k : t * all + first + k) * classes + c];
      };
      if (source.state.empty()) {
        const SpikeRecord& spikes = recording.spikes.back();
        for (std::size_t i = 0; i < spikes.steps.size(); ++i) {
          const std::int64_t n = spikes.steps[i] - 1;
          place(n / steps, n % steps, spikes.neurons[i]) += 1;
        }
      } else {
        const auto& values = recording.traces.back().values;  // sample 0 is the initial state
        for (std::int64_t k = 0; k < count; ++k)
          for (std::int64_t t = 0; t < steps; ++t)
            for (std::int64_t c = 0; c < classes; ++c)
              place(k, t, c) = static_cast<float>(
                  values[static_cast<std::size_t>((k * steps + t + 1) * classes + c)]);
      }
      teller.add(count);
    }
  });
  e.seconds = now_s() - started;
  judge(e, samples, readout);
  return e;
}

Evaluation evaluate_module(const Network& network, const SpikeSamples& samples,
                           const Readout& readout, const EvaluationOptions& options) {
  const std::string input = check_samples(network, samples);
  const at::NoGradGuard none;
  Module module(network, {.seed = options.seed,
                          .threads = options.threads,
                          .precision = options.precision,
                          .trained = std::vector<std::string>(),
                          .outputs = {readout.output}});
  Evaluation e;
  std::vector<at::Tensor> parts;
  Teller teller(options.progress, samples.size());
  const double started = now_s();
  for (std::int64_t first = 0; first < samples.size(); first += in_a_row) {
    std::vector<std::int64_t> ids(
        static_cast<std::size_t>(std::min(in_a_row, samples.size() - first)));
    std::iota(ids.begin(), ids.end(), first);
    parts.push_back(module.run({.spikes = {{input, samples.batch(ids)}}}).at(readout.output));
    for (const Population& p : network.populations())
      if (!p.model.events().empty()) e.spikes += static_cast<double>(module.spikes(p.name).count());
    e.synaptic_operations += module.synaptic_operations();
    teller.add(static_cast<std::int64_t>(ids.size()));
  }
  e.seconds = now_s() - started;
  e.outputs = at::cat(parts, source_of(readout).counted ? 0 : 1);
  judge(e, samples, readout);
  return e;
}

}  // namespace callosum::learn
