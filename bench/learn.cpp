// The learning bench's own side: one network as bench/learn.py describes it, stepped forward and
// back on request.
//   learn FOLDER INPUTS HIDDEN OUTPUTS STEPS BATCH THREADS SURROGATE WIDTH SCALE
// reads weights (recurrent ones where there are any) and spikes from FOLDER, answers every line on
// its input with a line of JSON.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "callosum/learn/unroll.h"
#include "callosum/library/library.h"

using namespace callosum;
using namespace callosum::literals;

namespace {

template <class T>
std::vector<T> read(const std::string& path, std::size_t size) {
  std::vector<T> x(size);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(x.data()), static_cast<std::streamsize>(size * sizeof(T)));
  if (!in) throw std::runtime_error("cannot read " + path);
  return x;
}

model::Surrogate surrogate(const std::string& name) {
  return name == "triangle" ? model::Surrogate::triangle : model::Surrogate::fast_sigmoid;
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double norm(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(sum);
}

}  // namespace

int main(int, char** args) {
  const std::string folder = args[1];
  const auto number = [&](int k) { return static_cast<std::uint32_t>(std::stoul(args[k])); };
  const std::uint32_t inputs = number(2), hidden = number(3), outputs = number(4);
  const std::int64_t steps = number(5), batch = number(6);
  Network net(1_ms);
  const View in = net.add_spike_list("in", inputs, {}, {});
  const View hid = net.add("hidden", hidden, library::neuron("lif_psc_exp"),
                           {.parameters = {{"tau_m", 20_ms},
                                           {"C_m", 250_pF},
                                           {"tau_syn_ex", 10_ms},
                                           {"E_L", 0_mV},
                                           {"V_reset", 0_mV},
                                           {"V_th", 1_mV},
                                           {"t_ref", 0_ms}}});
  const View out = net.add("out", outputs, library::neuron("leaky_integrator"));
  net.connect(in, hid, all_to_all(), {.target = "I_ex", .weight = 1_pA, .name = "in"});
  const bool recurrent = std::filesystem::exists(folder + "/back");
  if (recurrent)
    net.connect(hid, hid, all_to_all(), {.target = "I_ex", .weight = 1_pA, .name = "back"});
  net.connect(hid, out, all_to_all(), {.target = "V_m", .weight = 1_mV, .name = "out"});
  learn::Unroll<float> u(net, {.threads = static_cast<int>(number(7)),
                               .surrogate = {.surrogate = surrogate(args[8]),
                                             .width = std::stod(args[9]),
                                             .scale = std::stod(args[10])},
                               .record = {"out.V_m"}});
  u.set("in", read<float>(folder + "/in", std::size_t{inputs} * hidden));
  if (recurrent) u.set("back", read<float>(folder + "/back", std::size_t{hidden} * hidden));
  u.set("out", read<float>(folder + "/out", std::size_t{hidden} * outputs));
  const auto labels = read<std::int64_t>(folder + "/labels", static_cast<std::size_t>(batch));
  learn::SpikeBits spikes(steps, batch, inputs);
  {
    const auto dense =
        read<std::uint8_t>(folder + "/spikes", static_cast<std::size_t>(steps * batch) * inputs);
    for (std::int64_t t = 0; t < steps; ++t)
      for (std::int64_t b = 0; b < batch; ++b)
        for (std::uint32_t i = 0; i < inputs; ++i)
          if (dense[static_cast<std::size_t>(t * batch + b) * inputs + i]) spikes.set(t, b, i);
  }
  const learn::Unroll<float>::Inputs given{.spikes = {{"in", spikes}}};
  std::vector<float> derivative(static_cast<std::size_t>(steps * batch) * outputs);
  const auto peak_mb = [] {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    return static_cast<double>(use.ru_maxrss) / 1024;
  };
  std::printf("{\"rss_mb\": %.1f}\n", peak_mb());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const double started = now_ms();
    u.forward(steps, batch, given);
    const double forward = now_ms();
    // Cross-entropy of the mean potential over time.
    const auto v = u.recorded("out.V_m");
    double loss = 0;
    std::vector<double> means(static_cast<std::size_t>(batch) * outputs);
    for (std::int64_t t = 0; t < steps; ++t)
      for (std::size_t k = 0; k < means.size(); ++k)
        means[k] += static_cast<double>(v[static_cast<std::size_t>(t) * means.size() + k]);
    for (std::int64_t b = 0; b < batch; ++b) {
      double* mean = means.data() + static_cast<std::size_t>(b) * outputs;
      double largest = -1e300, sum = 0;
      for (std::uint32_t k = 0; k < outputs; ++k) {
        double& m = mean[k];
        largest = std::max(largest, m /= static_cast<double>(steps));
      }
      for (std::uint32_t k = 0; k < outputs; ++k) sum += std::exp(mean[k] - largest);
      const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(b)]);
      loss += (largest + std::log(sum) - mean[label]) / static_cast<double>(batch);
      for (std::uint32_t k = 0; k < outputs; ++k) {
        const double d =
            (std::exp(mean[k] - largest) / sum - (k == label)) / static_cast<double>(batch * steps);
        derivative[static_cast<std::size_t>(b) * outputs + k] = static_cast<float>(d);
      }
    }
    for (std::int64_t t = 1; t < steps; ++t)
      std::copy_n(derivative.begin(), batch * outputs, derivative.begin() + t * batch * outputs);
    u.backward({.recorded = {{"out.V_m", derivative}}});
    const double done = now_ms();
    std::printf(
        "{\"ms\": %.3f, \"forward_ms\": %.3f, \"loss\": %.6f, \"rate\": %.5f, \"in\": %.8g, "
        "\"back\": %.8g, \"out\": %.8g, \"rss_mb\": %.1f, \"bytes\": %zu}\n",
        done - started, forward - started, loss,
        static_cast<double>(u.spikes("hidden").count()) /
            static_cast<double>(static_cast<std::uint64_t>(steps * batch) * hidden),
        norm(u.gradient("in")), recurrent ? norm(u.gradient("back")) : 0.0, norm(u.gradient("out")),
        peak_mb(), u.bytes());
    std::fflush(stdout);
  }
}
