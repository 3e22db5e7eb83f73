#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/learn/torch/evaluate.h"
#include "callosum/learn/torch/task_file.h"
#include "callosum/sim/simulation.h"

namespace callosum::learn {
namespace {

namespace fs = std::filesystem;

/// Fashion-MNIST's sample, which comes with callosum, and a small network.
std::string task_text(const std::string& train = "", const std::string& data = "") {
  return R"(
name = "clothes"
dt = "1 ms"
[model.lif]
base = "lif_psc_delta"
parameters = { E_L = "0 mV", V_reset = "0 mV", V_th = "1 mV", t_ref = "1 ms" }
[population.in]
size = 784
model = "spike_list"
[population.hidden]
size = 70
model = "lif"
[population.out]
size = 10
model = "lif"
[[projection]]
name = "in"
from = "in"
to = "hidden"
rule = "all_to_all"
target = "V_m"
weight = { normal = ["0.01 mV", "0.06 mV"] }
[[projection]]
name = "back"
from = "hidden"
to = "hidden"
rule = { fixed_probability = 0.1 }
target = "V_m"
weight = { normal = ["0 mV", "0.06 mV"] }
delay = { uniform = ["1 ms", "3 ms"] }
[[projection]]
name = "out"
from = "hidden"
to = "out"
rule = "all_to_all"
target = "V_m"
weight = { normal = ["0.01 mV", "0.1 mV"] }
[data]
set = "fashion-mnist"
steps = 12
probability = 0.3
training = 300
test = 100
validation = 100
)" + data +
         R"(
[train]
readout = "out.count"
scale = 0.5
trained = ["in", "back", "out", "hidden.tau_m"]
width = "0.3 mV"
rate = 5e-3
rate_factors = { "hidden.tau_m" = 50 }
batch = 25
epochs = 6
bands = { hidden = { strength = 0.1, low = 0.01, high = 0.3 } }
)" + train;
}

class Folder {
 public:
  Folder() : path(fs::path(testing::TempDir()) / ("task" + std::to_string(getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
  const fs::path path;
};

TEST(Task, TrainedWrittenAndReadAnswersTheSameByEventsAndInBatches) {
  const Folder folder;
  const TaskFile task = read_task(folder.write("clothes.toml", task_text()));
  const TaskData data = load_task_data(task.data, 1, 2);
  EXPECT_EQ(data.training.size(), 200);
  EXPECT_EQ(data.validation.size(), 100);
  Module module(task.file.network, task.module);
  const double before = score(module, data.test, task.fit.readout).accuracy;
  const FitResult r = fit(module, data.training, &data.validation, task.fit);
  const Score after = score(module, data.test, task.fit.readout);
  EXPECT_GT(after.accuracy, before + 0.2);
  EXPECT_EQ(r.curves.epochs(), 6);
  write_task(task, module.network(), folder.path / "trained");

  const TaskFile read =
      read_task(folder.path / "trained.toml", {.arrays = data::read_hdf5_numbers});
  EXPECT_EQ(read.file.network.hash(), module.network().hash());
  EXPECT_EQ(read.fit.rate_factors, task.fit.rate_factors);
  const Evaluation batches =
      evaluate_module(read.file.network, data.test, read.fit.readout, {.threads = 2});
  const Evaluation events =
      evaluate_events(read.file.network, data.test, read.fit.readout, {.seed = 99, .threads = 2});
  EXPECT_EQ(batches.accuracy, after.accuracy);
  EXPECT_GT(batches.outputs.sum().item<float>(), 100);
  EXPECT_TRUE(at::equal(batches.outputs, events.outputs));
  EXPECT_EQ(events.accuracy, batches.accuracy);
  EXPECT_EQ(events.spikes, batches.spikes);
  // The simulation counts what it has handed on, also in the last of the 12 steps, which arrives
  // after the end.
  const double counted = events.synaptic_operations / batches.synaptic_operations;
  EXPECT_GE(counted, 1);
  EXPECT_LE(counted, 1 + 1. / 12);
  // States and first spikes, too.
  for (const Readout& readout : {Readout{.output = "out.V_m", .kind = Readout::Kind::maximum},
                                 Readout{.output = "out", .kind = Readout::Kind::first_spike}}) {
    const SpikeSamples few = data.test.part(0, 20);
    EXPECT_TRUE(at::equal(evaluate_module(read.file.network, few, readout).outputs,
                          evaluate_events(read.file.network, few, readout).outputs))
        << readout.output;
  }
  EXPECT_THROW(read_task(folder.path / "trained.toml"), Error);
}

TEST(Task, ItsFileIsCheckedKeyByKey) {
  const Folder folder;
  const auto message = [&](const std::string& text) -> std::string {
    try {
      read_task(folder.write("task.toml", text));
    } catch (const Error& e) {
      return std::string(e.kind()) + ": " + e.what();
    }
    return "";
  };
  const std::string key = message(task_text("epoch = 3\n"));
  EXPECT_NE(key.find("name: "), std::string::npos) << key;
  EXPECT_NE(key.find("did you mean 'epochs'"), std::string::npos) << key;
  const std::string method = message(task_text("method = \"adan\"\n"));
  EXPECT_NE(method.find("did you mean 'adam'"), std::string::npos) << method;
  const std::string code = message(task_text("", "code = \"latncy\"\n"));
  EXPECT_NE(code.find("did you mean 'latency'"), std::string::npos) << code;
  EXPECT_NE(message(task_text("clip = \"3 mV\"\n")).find("unit: "), std::string::npos);
  const std::string plain = message(task_text().substr(0, task_text().find("[data]")));
  EXPECT_NE(plain.find("several: "), std::string::npos) << plain;
  EXPECT_NE(plain.find("[train]"), std::string::npos) << plain;
}

}  // namespace
}  // namespace callosum::learn
