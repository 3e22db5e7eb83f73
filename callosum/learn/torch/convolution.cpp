#include "callosum/learn/torch/convolution.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>

#include "callosum/core/error.h"
#include "callosum/learn/unroll.h"
#include "callosum/nets/check.h"

namespace callosum::learn {

namespace check = nets::check;

std::array<std::int64_t, 3> Convolution::output() const {
  const std::string where = "convolution '" + name + "'";
  check::at_least(where, "channels", channels, 1);
  check::at_least(where, "kernel", kernel, 1);
  check::at_least(where, "stride", stride, 1);
  check::at_least(where, "padding", padding, 0);
  check::at_least(where, "pool", pool, 1);
  std::array<std::int64_t, 3> shape{channels, 0, 0};
  for (int axis : {1, 2}) {
    const std::int64_t room = input[axis] + 2 * padding - kernel;
    shape[axis] = room < 0 ? 0 : (room / stride + 1) / pool;
    if (shape[axis] < 1)
      throw ShapeError(
          {.where = where,
           .what = "kernel and pool are larger than the input",
           .got = std::to_string(input[axis]) + " places",
           .expected = "at least " + std::to_string(kernel + (pool - 1) * stride - 2 * padding)});
  }
  return shape;
}

at::Tensor pooled_kernel(const Convolution& c, const at::Tensor& weights) {
  if (c.pool == 1) return weights;
  const std::int64_t most = (c.pool - 1) * c.stride;
  std::vector<at::Tensor> moved;
  for (std::int64_t i = 0; i <= most; i += c.stride)
    for (std::int64_t j = 0; j <= most; j += c.stride)
      moved.push_back(at::constant_pad_nd(weights, {j, most - j, i, most - i}));
  return at::stack(moved).mean(0);
}

Unfolded unfold(const Convolution& c, const at::Tensor& weights, const at::Tensor& constants) {
  check::shape("unfold", "weights", weights, {c.channels, c.input[0], c.kernel, c.kernel});
  check::shape("unfold", "constants", constants, {c.channels});
  const auto out = c.output();
  const at::Tensor kernel = pooled_kernel(c, weights.detach()).contiguous();
  const std::int64_t edge = kernel.size(2), jump = c.stride * c.pool;
  const double* k = kernel.data_ptr<double>();
  Unfolded result;
  // By source: the windows that hold row y are those of output rows r with
  // 0 <= y + padding - r jump < edge.
  const auto first = [&](std::int64_t y) {
    const std::int64_t below = y + c.padding - edge + 1;
    return below <= 0 ? 0 : (below + jump - 1) / jump;
  };
  const auto last = [&](std::int64_t y, std::int64_t size) {
    return std::min((y + c.padding) / jump, size - 1);
  };
  for (std::int64_t m = 0; m < c.input[0]; ++m)
    for (std::int64_t y = 0; y < c.input[1]; ++y)
      for (std::int64_t x = 0; x < c.input[2]; ++x)
        for (std::int64_t o = 0; o < out[0]; ++o)
          for (std::int64_t r = first(y); r <= last(y, out[1]); ++r)
            for (std::int64_t s = first(x); s <= last(x, out[2]); ++s) {
              const std::int64_t i = y + c.padding - r * jump, j = x + c.padding - s * jump;
              result.sources.push_back(
                  static_cast<std::uint32_t>((m * c.input[1] + y) * c.input[2] + x));
              result.targets.push_back(static_cast<std::uint32_t>((o * out[1] + r) * out[2] + s));
              result.weights.push_back(k[((o * c.input[0] + m) * edge + i) * edge + j]);
            }
  const at::Tensor each = constants.detach().contiguous();
  for (std::int64_t o = 0; o < out[0]; ++o)
    result.constants.insert(result.constants.end(), static_cast<std::size_t>(out[1] * out[2]),
                            each.data_ptr<double>()[o]);
  return result;
}

std::vector<double> step_response(const Network& network, const std::string& population,
                                  const std::string& target, const std::string& driven) {
  const Population& of = network.populations()[network.population(population).population];
  const std::string where = "population '" + population + "'", current = population + "." + driven;
  const auto refuse = [&](const std::string& what) {
    throw UnsupportedError({.where = where,
                            .what = what,
                            .got = "'" + driven + "' and '" + target + "'",
                            .expected = "a model whose '" + driven + "' adds to '" + target +
                                        "' alone, such as lif_psc_delta"});
  };
  Network alone(network.grid().dt());
  alone.add(of.name, of.size, of.model,
            {.parameters = of.parameters, .initial = of.initial, .method = of.method});
  std::vector<std::string> states;
  for (const model::Variable& v : of.model.variables())
    if (v.kind == model::VariableKind::state) states.push_back(population + "." + v.name);
  Unroll<double> unroll(alone, {.surrogate = {.surrogate = model::Surrogate::none},
                                .trained = std::vector<std::string>(),
                                .currents = {current},
                                .record = states,
                                .input_gradients = true});
  // After one step, from the initial state, and after two.
  std::map<std::int64_t, std::vector<double>> responses;
  const std::vector<double> ones(of.size, 1.0);
  for (const std::int64_t steps : {1, 2}) {
    const auto rows = static_cast<std::size_t>(steps);
    const std::vector<double> none(rows * of.size, 0.0);
    for (const std::string& state : states) {
      unroll.forward(steps, 1, {.currents = {{current, none}}});
      std::vector<double> bar(rows * of.size, 0.0);
      std::fill(bar.end() - static_cast<std::ptrdiff_t>(of.size), bar.end(), 1.0);
      unroll.backward({.recorded = {{state, bar}}});
      const auto all = unroll.input_gradient(current).last(of.size);
      if (state == population + "." + target)
        responses[steps].assign(all.begin(), all.end());
      else if (std::any_of(all.begin(), all.end(), [](double x) { return x != 0; }))
        refuse("the driven parameter moves another state, too: " + state);
    }
    if (responses[steps].empty()) refuse("the target is no state of the model");
  }
  for (std::size_t i = 0; i < of.size; ++i) {
    const double a = responses[1][i], b = responses[2][i];
    if (!(a > 0) || !(std::abs(a - b) <= 1e-12 * a))
      refuse("the driven parameter does not add a constant to the target in each step");
  }
  return responses[1];
}

}  // namespace callosum::learn
