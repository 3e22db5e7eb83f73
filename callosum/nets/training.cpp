#include "callosum/nets/training.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "training";

}  // namespace

std::int64_t Curves::epochs() const {
  const auto found = values.find("loss");
  return found == values.end() ? 0 : static_cast<std::int64_t>(found->second.size());
}

double Curves::last(const std::string& name) const {
  const auto found = values.find(name);
  if (found != values.end() && !found->second.empty()) return found->second.back();
  std::vector<std::string> names;
  for (const auto& [known, numbers] : values) names.push_back(known);
  throw NameError({.where = std::string(where),
                   .what = "there is no such curve",
                   .got = name,
                   .nearest = nearest_name(name, names)});
}

Curves train(Optimiser& optimiser, Draws& order,
             const std::function<at::Tensor(const at::Tensor& batch)>& loss,
             const TrainingOptions& options) {
  check::at_least(where, "samples", options.samples, 1);
  check::at_least(where, "batch", options.batch, 1);
  check::at_least(where, "epochs", options.epochs, 0);
  check::not_negative(where, "clip", options.clip);
  const at::Tensor in_order = at::arange(options.samples, at::kLong);
  Curves curves;
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    const at::Tensor indices = options.shuffle ? order.permutation(options.samples) : in_order;
    if (epoch < options.first_epoch) continue;
    double sum = 0;
    for (std::int64_t first = 0; first < options.samples; first += options.batch) {
      const std::int64_t last = std::min(first + options.batch, options.samples);
      optimiser.clear_gradients();
      const at::Tensor value = loss(indices.slice(0, first, last));
      const double number = value.item<double>();
      if (!std::isfinite(number))
        throw NumericalError({.where = std::string(where),
                              .what = "the loss is no longer finite in epoch " +
                                      std::to_string(epoch) + ", batch " +
                                      std::to_string(first / options.batch),
                              .got = check::number_text(number)});
      sum += number * static_cast<double>(last - first);
      value.backward();
      if (options.on_gradients) options.on_gradients();
      if (options.clip > 0) clip_gradients(optimiser.parameters(), options.clip);
      optimiser.step();
      if (options.on_step) options.on_step();
      const double done = static_cast<double>(epoch) +
                          static_cast<double>(last) / static_cast<double>(options.samples);
      if (options.progress &&
          !options.progress(
              {"training", done - static_cast<double>(options.first_epoch),
               static_cast<double>(options.epochs - options.first_epoch),
               options.detail ? options.detail(number) : "loss " + check::number_text(number)}))
        throw Interrupted({.where = std::string(where), .what = "stopped on request"});
    }
    std::map<std::string, double> record{{"loss", sum / static_cast<double>(options.samples)}};
    const bool go_on = !options.on_epoch || options.on_epoch(epoch, record);
    for (const auto& [name, number] : record) curves.values[name].push_back(number);
    if (!go_on) break;
  }
  return curves;
}

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels) {
  return at::cross_entropy_loss(logits, labels);
}

}  // namespace callosum::nets
