#include <ATen/ATen.h>

#include <vector>

#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;

struct Synapses {
  std::vector<std::uint32_t> sources, targets;
  std::vector<double> weights, delays;  ///< mV, ms
};

/// Every weight that is not zero at every place. Pixels are numbered polarity, row, column; targets
/// class, row, column.
Synapses synapses(const nets::DelayKernels& kernels, std::int64_t rows, std::int64_t columns) {
  const std::int64_t tall = kernels.weights.size(3), wide = kernels.weights.size(4);
  const std::int64_t height = rows - tall + 1, width = columns - wide + 1;
  const at::Tensor some = kernels.weights.nonzero();
  const auto index = some.accessor<std::int64_t, 2>();
  const auto w = kernels.weights.accessor<float, 5>();
  Synapses all;
  for (std::int64_t k = 0; k < some.size(0); ++k) {
    const auto i = index[k];
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t row = y + tall - 1 - i[3], column = x + wide - 1 - i[4];
        all.sources.push_back(std::uint32_t((i[1] * rows + row) * columns + column));
        all.targets.push_back(std::uint32_t((i[0] * height + y) * width + x));
        all.weights.push_back(double{w[i[0]][i[1]][i[2]][i[3]][i[4]]});
        // A spike takes at least one step.
        all.delays.push_back(double(i[2] + 1));
      }
  }
  return all;
}

}  // namespace

at::Tensor simulated(const nets::DelayKernels& kernels, const at::Tensor& events) {
  const std::int64_t steps = events.size(1), rows = events.size(2), columns = events.size(3);
  const std::int64_t classes = kernels.weights.size(0), delays = kernels.weights.size(2);
  const std::int64_t height = rows - kernels.weights.size(3) + 1;
  const std::int64_t width = columns - kernels.weights.size(4) + 1;
  std::vector<double> rest;
  for (std::int64_t c = 0; c < classes; ++c)
    rest.insert(rest.end(), std::size_t(height * width), kernels.bias[c].item<double>());
  Network net(1_ms);
  const View pixels = net.add_spike_list("pixels", std::uint32_t(2 * rows * columns), {}, {});
  const View out = net.add("evidence", std::uint32_t(classes * height * width),
                           library::neuron("leaky_integrator"),
                           {.parameters = {{"tau_m", Quantity(1e-5, dimension::time)},
                                           {"E_L", Values::array(rest, dimension::voltage)}}});
  Synapses all = synapses(kernels, rows, columns);
  net.connect(pixels, out, pairs(std::move(all.sources), std::move(all.targets)),
              {.target = "V_m",
               .weight = Values::array(std::move(all.weights), dimension::voltage),
               .delay = Values::array(std::move(all.delays), dimension::time)});
  std::vector<std::uint32_t> neurons;
  std::vector<std::int64_t> times;
  const at::Tensor list = events.permute({1, 0, 2, 3}).nonzero();
  const auto e = list.accessor<std::int64_t, 2>();
  for (std::int64_t k = 0; k < list.size(0); ++k) {
    neurons.push_back(std::uint32_t((e[k][1] * rows + e[k][2]) * columns + e[k][3]));
    times.push_back(e[k][0] + 1);
  }
  net.set_spikes(pixels, std::move(neurons), std::move(times));
  net.record(out, "V_m");
  Simulation sim(net, {.threads = 1});
  sim.run(Quantity(1e-3 * double(steps + 1), dimension::time));
  const Recording recording = sim.recording();
  // An event of frame t is stamped t + 1; over delay tau + 1 it stands in sample t + tau + 2.
  const TraceRecord& trace = recording.traces.front();
  at::Tensor values = at::empty({steps + 2, classes, height, width}, at::kDouble);
  std::copy(trace.values.begin(), trace.values.end(), values.data_ptr<double>());
  return values.slice(0, delays + 1).permute({1, 0, 2, 3}).to(at::kFloat);
}

}  // namespace callosum::experiment
