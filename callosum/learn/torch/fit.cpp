#include "callosum/learn/torch/fit.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "callosum/core/archive.h"
#include "callosum/core/error.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/learn/torch/spike_losses.h"
#include "callosum/nets/check.h"

namespace callosum::learn {
namespace {

namespace check = nets::check;
constexpr const char* where = "fit";

bool finite(const at::Tensor& t) { return at::isfinite(t.detach()).all().item<bool>(); }

nets::Optimiser optimiser_of(Trainable& module, const FitOptions& o) {
  nets::Parameters parameters;
  std::vector<double> factors;
  for (const auto& [name, factor] : o.rate_factors) module.parameter(name);
  for (const std::string& name : module.trained()) {
    parameters.push_back(module.parameter(name));
    const auto own = o.rate_factors.find(name);
    factors.push_back(own == o.rate_factors.end() ? 1 : own->second);
  }
  const auto make = [&] {
    switch (o.method) {
      case FitOptions::Method::sgd:
        return nets::Optimiser::sgd(
            parameters, {.rate = o.rate, .momentum = o.momentum, .weight_decay = o.weight_decay});
      case FitOptions::Method::rmsprop:
        return nets::Optimiser::rmsprop(parameters, {.rate = o.rate});
      case FitOptions::Method::adam:
        break;
    }
    return nets::Optimiser::adam(parameters, {.rate = o.rate, .weight_decay = o.weight_decay});
  };
  nets::Optimiser optimiser = make();
  optimiser.set_factors(factors);
  return optimiser;
}

/// One training: what it has come to, kept from epoch to epoch and in checkpoints.
class Training {
 public:
  Training(Trainable& module, const SpikeSamples& samples, const SpikeSamples* validation,
           const FitOptions& options)
      : module_(module),
        samples_(samples),
        validation_(validation),
        options_(options),
        optimiser_(optimiser_of(module, options)) {
    check_samples(module.description(), samples);
    if (validation) check_samples(module.description(), *validation);
    check::at_least(where, "patience", options.patience, 0);
    resume();
  }

  FitResult run() {
    nets::Draws order(options_.seed, "fit.order");
    nets::TrainingOptions how;
    how.samples = samples_.size();
    how.batch = options_.batch;
    how.epochs = options_.epochs;
    how.first_epoch = next_epoch_;
    how.clip = options_.clip;
    how.on_gradients = [this] { on_gradients(); };
    how.on_step = [this] { module_.constrain(); };
    how.on_epoch = [this](std::int64_t epoch, std::map<std::string, double>& record) {
      return end_epoch(epoch, record);
    };
    how.progress = options_.progress;
    how.detail = [this](double loss) { return detail(loss); };
    begin_epoch(next_epoch_);
    if (!ended_early_ && next_epoch_ < options_.epochs)
      nets::train(
          optimiser_, order, [this](const at::Tensor& b) { return loss(b); }, how);
    if (!best_.empty()) put(best_);
    if (!module_.learned_delays().empty()) module_.round_delays();
    result_.activity = activity(module_);
    for (const Activity& a : result_.activity)
      if (std::string text = advice(a); !text.empty()) result_.advice.push_back(std::move(text));
    result_.stopped_early = ended_early_;
    return result_;
  }

 private:
  [[noreturn]] void not_finite(const std::string& what) const {
    throw NumericalError({.where = where,
                          .what = what + " is not finite, in epoch " + std::to_string(next_epoch_) +
                                  ", batch " + std::to_string(batch_),
                          .expected = "a lower learning rate or a limit on the gradient (clip)"});
  }

  void check_parameters() const {
    for (const std::string& name : module_.trained())
      if (!finite(module_.parameter(name))) not_finite("parameter '" + name + "'");
  }

  at::Tensor loss(const at::Tensor& indices) {
    check_parameters();
    const std::int64_t count = indices.numel();
    const at::Tensor list = indices.contiguous();
    const std::span<const std::int64_t> ids(list.data_ptr<std::int64_t>(),
                                            static_cast<std::size_t>(count));
    std::vector<std::int64_t> labels;
    for (const std::int64_t k : ids) labels.push_back(samples_.label(k));
    const at::Tensor wanted = index_tensor(labels);
    const auto out = module_.run_spikes(samples_.batch(ids));
    for (const auto& [name, value] : out)
      if (!finite(value)) not_finite("output '" + name + "'");
    const auto readout = out.find(options_.readout.output);
    if (readout == out.end()) unknown(options_.readout.output, out);
    at::Tensor sum = options_.readout.loss(readout->second, wanted, samples_.steps());
    for (const auto& [name, band] : options_.bands) {
      const auto counts = out.find(name);
      if (counts == out.end()) unknown(name, out);
      sum =
          sum + band.strength * rate_penalty(counts->second, samples_.steps(), band.low, band.high);
    }
    if (!finite(sum)) not_finite("the loss");
    right_ +=
        options_.readout.decide(readout->second.detach()).eq(wanted).sum().item<std::int64_t>();
    seen_ += count;
    return sum;
  }

  [[noreturn]] static void unknown(const std::string& name,
                                   const std::map<std::string, at::Tensor>& outputs) {
    std::vector<std::string> names;
    for (const auto& [known, value] : outputs) names.push_back(known);
    throw NameError({.where = where,
                     .what = "the module has no output of this name",
                     .got = name,
                     .expected = "a name in ModuleOptions::outputs",
                     .nearest = nearest_name(name, names)});
  }

  void on_gradients() {
    module_.constrain_gradients();
    if (options_.on_gradients) options_.on_gradients(module_);
    for (const std::string& name : module_.trained()) {
      const at::Tensor& gradient = module_.parameter(name).grad();
      if (!gradient.defined()) continue;
      if (!finite(gradient)) not_finite("the gradient of '" + name + "'");
      norms_["gradient." + name] = gradient.norm().item<double>();
    }
    ++batch_;
  }

  void begin_epoch(std::int64_t epoch) {
    next_epoch_ = epoch;
    right_ = seen_ = batch_ = 0;
    narrow_kernels(epoch);
    if (epoch < options_.epochs)
      optimiser_.set_rate(options_.rate * options_.schedule.factor(epoch, options_.epochs));
  }

  /// Kernels of learned delays go from their width to half a step over three quarters of the
  /// epochs, by the same factor each time (as Hammouamri et al. 2024, section 3.2); then they are
  /// two taps.
  void narrow_kernels(std::int64_t epoch) {
    const double part = static_cast<double>(epoch) / (0.75 * static_cast<double>(options_.epochs));
    const double dt = module_.description().grid().dt_ms();
    for (const auto& [projection, range] : module_.learned_delays())
      if (range.width_ms > 0)
        module_.set_delay_width(
            projection, part < 1 ? range.width_ms * std::pow(0.5 * dt / range.width_ms, part) : 0);
  }

  /// Of the network as it would be written back: delays rounded.
  Score validation_score(std::int64_t epoch) {
    if (module_.learned_delays().empty())
      return score(module_, *validation_, options_.readout, options_.batch);
    const std::vector<double> present = values();
    module_.round_delays();
    const Score s = score(module_, *validation_, options_.readout, options_.batch);
    put(present);
    narrow_kernels(epoch);
    return s;
  }

  bool end_epoch(std::int64_t epoch, std::map<std::string, double>& record) {
    check_parameters();
    record["accuracy"] = static_cast<double>(right_) / static_cast<double>(seen_);
    record["rate"] = options_.rate * options_.schedule.factor(epoch, options_.epochs);
    record.insert(norms_.begin(), norms_.end());
    for (const Activity& a : activity(module_)) {
      record["firing." + a.population] = a.rate;
      record["silent." + a.population] = a.silent;
      record["saturated." + a.population] = a.saturated;
    }
    double accuracy = record["accuracy"];
    if (validation_) {
      const Score s = validation_score(epoch);
      record["validation_accuracy"] = accuracy = s.accuracy;
      record["validation_loss"] = s.loss;
    }
    shown_ = validation_ ? ", validation " + percent(accuracy) : "";
    if (result_.best_epoch < 0 || accuracy > result_.best_accuracy || !validation_) {
      result_.best_epoch = epoch;
      result_.best_accuracy = accuracy;
      best_ = values();
    }
    for (const auto& [name, number] : record) result_.curves.values[name].push_back(number);
    ended_early_ = options_.patience > 0 && epoch - result_.best_epoch >= options_.patience;
    begin_epoch(epoch + 1);
    save();
    return !ended_early_;
  }

  std::string detail(double loss) const {
    const double done = static_cast<double>(std::max<std::int64_t>(seen_, 1));
    return "loss " + check::number_text(std::round(loss * 1e4) / 1e4) + ", accuracy " +
           percent(static_cast<double>(right_) / done) + shown_;
  }
  static std::string percent(double share) {
    return check::number_text(std::round(share * 1e4) / 100) + " %";
  }

  /// Trained parameters, then buffers: all that an epoch changes.
  std::vector<at::Tensor> tensors() {
    std::vector<at::Tensor> all;
    for (const std::string& name : module_.trained()) all.push_back(module_.parameter(name));
    for (const at::Tensor& buffer : module_.buffers()) all.push_back(buffer);
    for (at::Tensor& t : all) t = t.detach();
    return all;
  }
  std::vector<double> values() {
    std::vector<double> all;
    for (const at::Tensor& tensor : tensors()) {
      const at::Tensor t = tensor.to(at::kDouble).contiguous();
      all.insert(all.end(), t.data_ptr<double>(), t.data_ptr<double>() + t.numel());
    }
    return all;
  }
  void put(const std::vector<double>& all) {
    const double* from = all.data();
    for (const at::Tensor& t : tensors()) {
      const at::Tensor read = at::empty({t.numel()}, at::kDouble);
      std::copy_n(from, t.numel(), read.data_ptr<double>());
      t.copy_(read.reshape(t.sizes()));
      from += t.numel();
    }
  }

  std::string names() const {
    std::string all;
    for (const std::string& name : module_.trained())
      all += name + " " + std::to_string(module_.seed()) + "\n";
    return all;
  }
  static constexpr int version = 1;

  void save() {
    if (options_.checkpoint.empty()) return;
    ArchiveWriter out(options_.checkpoint, "training", version);
    out.put("parameters", names());
    out.put("seed", options_.seed);
    out.put("samples", samples_.size());
    out.put("batch", options_.batch);
    out.put("next_epoch", next_epoch_);
    out.put("ended_early", std::uint8_t{ended_early_});
    out.put("values", values());
    out.put("optimiser", optimiser_.save());
    out.put("best_epoch", result_.best_epoch);
    out.put("best_accuracy", result_.best_accuracy);
    out.put("best", best_);
    std::string curves;
    for (const auto& [name, numbers] : result_.curves.values) {
      curves += name + "\n";
      out.put("curve " + name, numbers);
    }
    out.put("curves", curves);
    out.commit();
  }

  void resume() {
    if (options_.checkpoint.empty() || !std::filesystem::exists(options_.checkpoint)) return;
    const ArchiveReader in(options_.checkpoint, "training", version);
    const auto same = [&](const std::string& name, auto mine) {
      const auto theirs = in.value<decltype(mine)>(name);
      if (theirs != mine)
        in.refuse(name, "the checkpoint is of another training", std::to_string(theirs),
                  std::to_string(mine));
    };
    if (in.text("parameters") != names())
      in.refuse("parameters", "the checkpoint is of another module", in.text("parameters"),
                names());
    same("seed", options_.seed);
    same("samples", samples_.size());
    same("batch", options_.batch);
    const auto count = values().size();
    const auto now = in.get<double>("values", count);
    best_ = in.get<double>("best", count);
    optimiser_.load(in.text("optimiser"));
    put(now);
    next_epoch_ = in.value<std::int64_t>("next_epoch");
    ended_early_ = in.value<std::uint8_t>("ended_early") != 0;
    result_.best_epoch = in.value<std::int64_t>("best_epoch");
    result_.best_accuracy = in.value<double>("best_accuracy");
    result_.resumed = true;
    const std::string curves = in.text("curves");
    for (std::size_t at = 0; at < curves.size();) {
      const std::size_t end = curves.find('\n', at);
      const std::string name = curves.substr(at, end - at);
      result_.curves.values[name] = in.get<double>("curve " + name);
      at = end + 1;
    }
  }

  Trainable& module_;
  const SpikeSamples& samples_;
  const SpikeSamples* validation_;
  const FitOptions& options_;
  nets::Optimiser optimiser_;
  FitResult result_;
  std::vector<double> best_;
  std::map<std::string, double> norms_;
  std::int64_t next_epoch_ = 0, batch_ = 0, right_ = 0, seen_ = 0;
  bool ended_early_ = false;
  std::string shown_;
};

}  // namespace

std::string check_samples(const Network& net, const SpikeSamples& samples) {
  const std::string input = only_input(net);
  const std::uint32_t units = net.populations()[net.population(input).population].size;
  if (samples.size() < 1)
    throw ShapeError({.where = where, .what = "there are no samples", .expected = "at least one"});
  if (samples.units() != units)
    throw ShapeError({.where = where,
                      .what = "samples and input population '" + input + "' differ in size",
                      .got = std::to_string(samples.units()) + " units",
                      .expected = std::to_string(units) + " neurons"});
  if (!(std::abs(samples.dt_ms() - net.grid().dt_ms()) <= 1e-9 * net.grid().dt_ms()))
    throw ValueError(
        {.where = where,
         .what = "samples and network differ in their time step",
         .got = check::number_text(samples.dt_ms()) + " ms",
         .expected = check::number_text(net.grid().dt_ms()) + " ms, the network's dt"});
  return input;
}

double RateSchedule::factor(std::int64_t epoch, std::int64_t epochs) const {
  const double e = static_cast<double>(epoch), all = static_cast<double>(epochs);
  double f = 1;
  if (kind == Kind::cosine) f = 0.5 * (1 + std::cos(std::numbers::pi * e / all));
  if (kind == Kind::exponential) f = std::pow(decay, e / all);
  if (kind == Kind::step) f = std::pow(decay, std::floor(e / static_cast<double>(every)));
  if (epoch < warm_up) f *= (e + 1) / static_cast<double>(warm_up + 1);
  return std::max(f, 1e-6);
}

FitResult fit(Trainable& module, const SpikeSamples& training, const SpikeSamples* validation,
              const FitOptions& options) {
  return Training(module, training, validation, options).run();
}

}  // namespace callosum::learn
