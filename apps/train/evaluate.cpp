#include "callosum/learn/torch/evaluate.h"

#include <ATen/core/Tensor.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/common/exit_codes.h"
#include "apps/common/interrupt.h"
#include "apps/common/network_path.h"
#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/core/team.h"
#include "callosum/core/whole_file.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/learn/torch/task_file.h"
#include "callosum/nets/backend.h"
#include "callosum/report/text.h"
#include "train.h"

namespace callosum::app {
namespace {

using Json = nlohmann::ordered_json;

/// Of all outputs in their order: two engines that agree give one number.
std::uint64_t hash_of(const at::Tensor& outputs) {
  std::uint64_t hash = 0;
  const float* x = outputs.data_ptr<float>();
  for (std::int64_t k = 0; k < outputs.numel(); ++k)
    hash = mix64(hash + std::bit_cast<std::uint32_t>(x[k]) + 1);
  return hash;
}

std::string csv(const at::Tensor& counts, const at::Tensor& answers,
                const learn::SpikeSamples& samples) {
  std::string out = "sample,label,answer";
  for (std::int64_t c = 0; c < counts.size(1); ++c) out += ",class" + std::to_string(c);
  out += "\n";
  for (std::int64_t k = 0; k < counts.size(0); ++k) {
    out += std::to_string(k) + "," + std::to_string(samples.label(k)) + "," +
           std::to_string(answers[k].item<std::int64_t>());
    for (std::int64_t c = 0; c < counts.size(1); ++c)
      out += "," + std::to_string(std::lround(counts[k][c].item<float>()));
    out += "\n";
  }
  return out;
}

}  // namespace

int evaluate(const EvalCommand& command) {
  const int threads = command.threads > 0 ? command.threads : available_cores();
  nets::start(threads);
  learn::TaskFile task =
      learn::read_task(network_path(command.file), {.arrays = data::read_hdf5_numbers});
  if (!command.data.empty()) task.data.set = command.data;
  const learn::TaskData data =
      learn::load_task_data(task.data, task.file.network.grid().dt_ms(), threads);
  learn::SpikeSamples samples = command.part == "test" ? data.test : data.training;
  if (command.samples > 0) samples = samples.part(0, std::min(command.samples, samples.size()));

  watch_for_interrupt();
  ProgressPrinter printer;
  const learn::EvaluationOptions options{.seed = task.module.seed,
                                         .threads = threads,
                                         .precision = task.module.precision,
                                         .progress = [&](const Progress& progress) {
                                           printer(progress);
                                           return !interrupted();
                                         }};
  const auto run = command.engine == "events" ? learn::evaluate_events : learn::evaluate_module;
  const learn::Evaluation e = run(task.file.network, samples, task.fit.readout, options);
  printer.finish();

  const double n = static_cast<double>(e.samples);
  const std::string hash = std::to_string(hash_of(e.outputs));
  if (!command.counts.empty()) {
    if (e.outputs.dim() != 2)
      throw UnsupportedError({.where = "option --counts",
                              .what = "the readout is no count of spikes",
                              .got = task.fit.readout.output,
                              .expected = "readout = \"population.count\""});
    write_whole_file(command.counts, csv(e.outputs, e.answers, samples), "counts");
  }
  std::ostream& out = command.json ? std::cerr : std::cout;
  out << data.description << ", " << command.part << " part, engine " << command.engine << '\n'
      << "accuracy " << report::fixed(100 * e.accuracy, 2) << " % of " << e.samples << " samples\n"
      << "speed " << report::fixed(n / e.seconds, 0) << " samples/s on " << threads << " threads\n"
      << "a sample: " << report::fixed(e.spikes, 1) << " spikes, "
      << report::fixed(e.synaptic_operations, 0) << " synaptic operations\n"
      << "hash of the readout's outputs: " << hash << '\n';
  if (command.json)
    std::cout << Json{{"engine", command.engine},
                      {"data", data.description},
                      {"part", command.part},
                      {"accuracy", e.accuracy},
                      {"samples", e.samples},
                      {"samples_per_second", n / e.seconds},
                      {"spikes_per_sample", e.spikes},
                      {"synaptic_operations_per_sample", e.synaptic_operations},
                      {"threads", threads},
                      {"outputs_hash", hash}}
                     .dump(2)
              << '\n';
  return success;
}

}  // namespace callosum::app
