#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callosum::nets {

/// The leaves of a computation that gradients reach.
using Parameters = std::vector<at::Tensor>;

struct SgdOptions {
  double rate = 0.01, momentum = 0, weight_decay = 0;
  bool nesterov = false;
};
struct AdamOptions {
  double rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;  ///< decoupled from the gradient (AdamW)
};
struct RmspropOptions {
  double rate = 0.01, smoothing = 0.99, epsilon = 1e-8, momentum = 0;
};

/// One of libtorch's optimisers, behind a header that costs nothing. Parameters are changed in
/// place. Rebuild it when parameters are added or replaced.
class Optimiser {
 public:
  static Optimiser sgd(const Parameters& parameters, const SgdOptions& options);
  static Optimiser adam(const Parameters& parameters, const AdamOptions& options);
  static Optimiser rmsprop(const Parameters& parameters, const RmspropOptions& options);
  Optimiser(Optimiser&&) noexcept;
  Optimiser& operator=(Optimiser&&) noexcept;
  ~Optimiser();

  const Parameters& parameters() const { return parameters_; }
  /// The learning rate from the next step on, > 0.
  void set_rate(double rate);
  /// What the learning rate is multiplied with, one a parameter, each > 0.
  void set_factors(const std::vector<double>& factors);
  /// Momenta and counts, without the parameters; `load` throws FileError for what `save` of the
  /// same kind over parameters of the same shapes did not give.
  std::string save() const;
  void load(const std::string& saved);
  void clear_gradients();
  void step();

 private:
  struct State;
  Optimiser(Parameters parameters, std::unique_ptr<State> state);
  Parameters parameters_;
  std::unique_ptr<State> state_;
};

/// d(output)/d(inputs), output a single number; zeros where an input plays no part. With
/// `differentiable` the result can itself be differentiated.
Parameters gradients(const at::Tensor& output, const Parameters& inputs,
                     bool differentiable = false);
/// sum(output * cotangent) differentiated by the inputs; the graph stays for further calls.
Parameters pull_back(const at::Tensor& output, const at::Tensor& cotangent,
                     const Parameters& inputs);

struct LbfgsOptions {
  std::int64_t iterations = 200;
  double gradient_tolerance = 1e-9;  ///< largest entry of the gradient
  double change_tolerance = 1e-12;   ///< of the loss and of the parameters
  std::int64_t history = 20;
};
/// Minimises `loss()` over the parameters, in place, by L-BFGS with a strong Wolfe line search.
/// Returns the loss at the end. NumericalError when the loss is not finite.
double minimise(const std::function<at::Tensor()>& loss, const Parameters& parameters,
                const LbfgsOptions& options = {});

/// Rescales the gradients in place so that their joint norm is at most `largest`; returns the norm
/// they had. Undefined gradients count as zero.
double clip_gradients(const Parameters& parameters, double largest);

}  // namespace callosum::nets
