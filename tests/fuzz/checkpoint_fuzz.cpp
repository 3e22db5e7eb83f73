#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "callosum/core/archive.h"
#include "callosum/core/checksum.h"
#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/sim/checkpoint.h"
#include "callosum/sim/simulation.h"

namespace {

using namespace callosum;
using namespace callosum::literals;

/// A delay, a synapse that changes, a parameter of each neuron, spikes on their way.
Network network() {
  model::ModelText neuron;
  neuron.name = "fuzzed";
  neuron.equations.text = "dx/dt = (p - x)/(5*ms) : 1\np : 1";
  neuron.threshold.text = "x > 1";
  neuron.reset.text = "x = 0";
  neuron.parameters = {{.name = "p", .value = "1.2"}};
  model::ModelText synapse;
  synapse.kind = model::ModelKind::synapse;
  synapse.name = "tiring";
  synapse.on_pre.text = "target += weight\nweight *= 0.9";
  Network net(0.5_ms, "fuzzed");
  const View a =
      net.add("a", 3, model::Model(neuron), {.parameters = {{"p", Values::uniform(1.5, 3)}}});
  net.connect(a, a, all_to_all(), {.target = "x", .weight = 0.1, .delay = 2_ms});
  net.connect(a, a, all_to_all(),
              {.target = "x", .weight = 0.1, .delay = 3_ms, .model = model::Model(synapse)});
  net.record_spikes(a);
  net.record(a, "x", 1_ms);
  return net;
}

SimulationOptions options() { return {.kernel = {.engine = jit::Engine::interpreter}}; }

struct Head {  // of a record, as in core/archive.cpp
  std::uint32_t name, type;
  std::uint64_t count, sum;
};

/// The bytes with all checksums made right and the network hash that of our network, so that what
/// the records say is met by what reads them. Stops where it is no archive any more.
void repair(std::string& bytes, std::uint64_t network_hash) {
  std::size_t at = bytes.find('\n') + 1;
  std::uint64_t records = 0, sum = 0;
  for (Head head; at > 0 && bytes.size() - at >= sizeof head; ++records) {
    std::memcpy(&head, bytes.data() + at, sizeof head);
    const std::size_t name = at + sizeof head, size = head.type & 0xff;
    if (size == 0 || size > 8 || head.name > bytes.size() - name ||
        head.count > (bytes.size() - name - head.name) / size)
      return;
    char* payload = bytes.data() + name + head.name;
    const std::string called = bytes.substr(name, head.name);
    if (called == "network hash" && head.count * size == 8) std::memcpy(payload, &network_hash, 8);
    if (called == "end" && head.count * size == 16) {
      std::memcpy(payload, &records, 8);
      std::memcpy(payload + 8, &sum, 8);
    }
    const std::uint64_t start = mix64(mix64(mix64(head.name) ^ head.type) ^ head.count);
    head.sum = checksum(payload, head.count * size, checksum(called.data(), called.size(), start));
    std::memcpy(bytes.data() + at, &head, sizeof head);
    sum = mix64(sum ^ head.sum);
    at = name + head.name + head.count * size;
  }
}

}  // namespace

// With CALLOSUM_FUZZ_SEED=FILE, a checkpoint to begin with is written there first.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  if (const char* file = std::getenv("CALLOSUM_FUZZ_SEED")) {
    Simulation simulation(network(), options());
    simulation.run_steps(17);
    simulation.save(file);
  }
  return 0;
}

// The bytes are a checkpoint: first as they are, then with its checksums made right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Network net = network();
  static const std::uint64_t hash = net.hash();
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("callosum_fuzz_" + std::to_string(getpid())))
          .string();
  try {
    const ArchiveReader in({data, size}, "fuzz", sim::checkpoint_kind, sim::checkpoint_version);
  } catch (const Error&) {  // what the bytes deserve
  }
  std::string bytes(reinterpret_cast<const char*>(data), size);
  repair(bytes, hash);
  std::ofstream(path, std::ios::binary) << bytes;
  try {
    Simulation simulation = Simulation::resume(path, net, options());
    simulation.run_steps(20);
    (void)simulation.recording();
    simulation.save(path);
  } catch (const Error&) {
  }
  std::filesystem::remove(path);
  return 0;
}
