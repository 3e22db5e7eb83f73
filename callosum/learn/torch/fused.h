#pragma once

#include <ATen/core/Tensor.h>

#include "callosum/learn/torch/module.h"

namespace callosum::learn {

/// One output of a module.
struct Output {
  enum class Kind { spikes, count, state };
  std::string name;
  Kind kind;
  std::uint32_t population;
};

/// What a run was given, kept for its reverse pass.
struct FusedInputs {
  std::int64_t steps = 0, batch = 0;
  std::map<std::string, SpikeBits> spikes;
  std::vector<std::string> tensors;  ///< inputs that came as tensors, in order
  CarriedState from;
};

/// `Unroll` of either precision behind tensors.
class Fused : public std::enable_shared_from_this<Fused> {
 public:
  static std::shared_ptr<Fused> make(const Network& network, const ModuleOptions& options,
                                     std::vector<std::string> recorded);
  virtual ~Fused() = default;
  virtual at::ScalarType type() const = 0;
  virtual const std::vector<std::string>& trained() const = 0;
  virtual at::Tensor value(const std::string& name) const = 0;
  virtual Network network() const = 0;
  virtual CarriedState carried() const = 0;
  virtual const SpikeBits& spikes(const std::string& population) const = 0;

  /// Runs with these parameters (by trained()) and input tensors (by inputs.tensors). The outputs.
  std::vector<at::Tensor> run(std::shared_ptr<const FusedInputs> inputs,
                              const std::vector<at::Tensor>& parameters,
                              const std::vector<at::Tensor>& tensors,
                              const std::vector<Output>& outputs);
  /// Takes the parameters over for what is read next.
  virtual void set(const std::vector<at::Tensor>& parameters) = 0;
  virtual void set_delay_width(const std::string& projection, double width_ms) = 0;
  virtual void round_delays() = 0;

 protected:
  friend struct FusedNode;
  virtual void forward(const FusedInputs& inputs, const std::vector<at::Tensor>& tensors,
                       bool keep) = 0;
  virtual at::Tensor output(const Output& output) const = 0;
  virtual void backward(const std::vector<Output>& outputs,
                        const std::vector<at::Tensor>& bars) = 0;
  virtual at::Tensor gradient(const std::string& trained) const = 0;
  virtual at::Tensor input_gradient(const std::string& name) const = 0;
  std::uint64_t runs_ = 0;     ///< counts runs, so that a reverse pass knows its own
  std::uint64_t kernels_ = 0;  ///< counts changes of delay kernels
  bool input_gradients_ = false;
};

}  // namespace callosum::learn
