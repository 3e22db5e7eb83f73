#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "callosum/learn/torch/index_tensor.h"
#include "callosum/library/library.h"
#include "callosum/nets/draws.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/simulation.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;

/// Sources that all fire with probability `activity` a step, and targets that only add up.
Network product_network(std::uint32_t n, double p, double activity, std::int64_t steps,
                        Stream& stream) {
  Network net(0.1_ms, "product");
  std::vector<std::uint32_t> neurons;
  std::vector<std::int64_t> at;
  for (std::int64_t s = 1; s <= steps; ++s)
    for (std::uint32_t i = 0; i < n; ++i)
      if (stream.uniform() < activity) neurons.push_back(i), at.push_back(s);
  const View in = net.add_spike_list("in", n, {}, {});
  net.set_spikes(in, neurons, at);
  const View out = net.add("out", n, library::neuron("lif_psc_exp"),
                           {.parameters = {{"V_th", Quantity(1, dimension::voltage)}}});
  net.connect(in, out, fixed_probability(p),
              {.target = "I_ex", .weight = Values::normal(1_pA, 0.2_pA), .name = "product"});
  return net;
}

/// Least of five times, milliseconds.
double time_of(const std::function<void()>& product) {
  double best = INFINITY;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const double began = processor_seconds();
    product();
    best = std::min(best, 1e3 * (processor_seconds() - began));
  }
  return best;
}

/// Milliseconds a step, with everything a step does: delivery, and the update of the targets.
double event_time(Network net, std::uint64_t seed, std::int64_t steps) {
  Simulation simulation(std::move(net), {.seed = seed});
  const std::int64_t part = steps / 5;
  return time_of([&] { simulation.run_steps(part); }) / static_cast<double>(part);
}

/// The same matrix by target: who contacts it, and how strongly.
struct Rows32 {
  std::vector<std::int32_t> source;
  std::vector<float> weight;
  std::vector<std::int64_t> start;
};
Rows32 by_target(const Network& net, std::uint64_t seed, std::uint32_t n) {
  const Connectivity c(net, 0, seed);
  Rows32 m;
  m.start.assign(n + 1, 0);
  BlockSynapses block;
  for (std::uint32_t b = 0; b < c.blocks(); ++b) {
    c.draw(b, block);
    for (std::uint16_t target : block.targets) ++m.start[b * block_size + target + 1];
  }
  for (std::uint32_t i = 0; i < n; ++i) m.start[i + 1] += m.start[i];
  m.source.resize(static_cast<std::size_t>(m.start[n]));
  m.weight.resize(m.source.size());
  std::vector<std::int64_t> next(m.start.begin(), m.start.end() - 1);
  for (std::uint32_t b = 0; b < c.blocks(); ++b) {
    c.draw(b, block);
    for (std::uint32_t s = 0; s < c.sources(); ++s)
      for (std::uint32_t k = block.row_offsets[s]; k < block.row_offsets[s + 1]; ++k) {
        const auto at = static_cast<std::size_t>(next[b * block_size + block.targets[k]]++);
        m.source[at] = static_cast<std::int32_t>(s);
        m.weight[at] = static_cast<float>(block.weights[k]);
      }
  }
  return m;
}

void multiply(const Rows32& m, const float* x, float* y) {
  for (std::size_t i = 0; i + 1 < m.start.size(); ++i) {
    float sum = 0;
    for (auto k = static_cast<std::size_t>(m.start[i]);
         k < static_cast<std::size_t>(m.start[i + 1]); ++k)
      sum += m.weight[k] * x[m.source[k]];
    y[i] = sum;
  }
}

struct Rivals {
  double sparse = INFINITY, dense = INFINITY, libtorch = INFINITY;
  double best() const { return std::min({sparse, dense, libtorch}); }
};

/// Products of the whole vector, whoever fired. Dense and libtorch's sparse ones only where
/// they take less than about a gibibyte.
Rivals rivals(const Rows32& m, std::uint32_t n, Stream& stream) {
  std::vector<float> x(n), y(n);
  for (float& value : x) value = static_cast<float>(stream.uniform());
  Rivals r;
  r.sparse = time_of([&] { multiply(m, x.data(), y.data()); });
  const at::Tensor vector = at::from_blob(x.data(), {n, 1}, at::kFloat).clone();
  const auto entries = static_cast<std::int64_t>(m.source.size());
  std::optional<at::Tensor> sparse;
  if (entries <= 20'000'000) {
    const at::Tensor indices = at::empty({2, entries}, at::kLong);
    auto* index = indices.data_ptr<std::int64_t>();
    for (std::size_t i = 0; i + 1 < m.start.size(); ++i)
      for (auto k = m.start[i]; k < m.start[i + 1]; ++k) {
        index[k] = static_cast<std::int64_t>(i);
        index[entries + k] = m.source[static_cast<std::size_t>(k)];
      }
    const at::Tensor values = at::empty({entries}, at::kFloat);
    std::copy(m.weight.begin(), m.weight.end(), values.data_ptr<float>());
    sparse = at::sparse_coo_tensor(indices, values, {n, n}).coalesce();
    r.libtorch = time_of([&] { at::mm(*sparse, vector); });
    if (n <= 16'384) {
      const at::Tensor dense = sparse->to_dense();
      r.dense = time_of([&] { at::mm(dense, vector); });
    }
  }
  return r;
}

}  // namespace

void operator_study(const Trial& t, Outcome& out) {
  const auto largest = static_cast<std::uint32_t>(t.whole("largest"));
  const double activities[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
  double least = INFINITY, done = 0;
  for (std::uint32_t n : {2000u, 10000u, 40000u})
    for (double p : {0.01, 0.1}) {
      // 160 million synapses: a minute of building for no other claim.
      if (n > largest || static_cast<double>(n) * n * p > 2e7) continue;
      const std::string place = std::to_string(n) + (p < 0.05 ? " sparse" : " denser");
      Stream stream = t.stream("operators", n);
      const std::int64_t steps = n >= 40000 ? 50 : 200;
      const Rivals r = rivals(by_target(product_network(n, p, 0, 1, stream), t.seed, n), n, stream);
      out.values["CSR ms " + place] = r.sparse;
      if (std::isfinite(r.dense)) out.values["dense ms " + place] = r.dense;
      out.values["libtorch ms " + place] = r.libtorch;
      Curve& curve = out.curves["speed-up " + place];
      double crossover = 1, before = 0, above = 0;
      for (double a : activities) {
        const double ms = event_time(product_network(n, p, a, steps, stream), t.seed, steps);
        const double ratio = r.best() / ms;
        curve.x.push_back(a);
        curve.y.push_back(ratio);
        if (a <= 0.01) least = std::min(least, ratio);
        if (ratio < 1 && above > 1)  // on the logarithmic scale of both
          crossover = before * std::pow(a / before, std::log(above) / std::log(above / ratio));
        if (ratio < 1 && above == 0) crossover = a;
        before = a;
        above = ratio;
        t.progress(0.4 * ++done / 42);
      }
      out.values["crossover " + place] = crossover;
    }
  out.values["least speed-up"] = least;
}

}  // namespace callosum::experiment
