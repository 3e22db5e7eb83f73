#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "callosum/experiment/trial.h"

/// Three ways to train a spiking network of two hidden layers, whose weights belong to the caller:
/// a layer's neurons are a library network, unrolled; between them stand linear layers.
namespace callosum::experiment {

/// What the weights' gradient of a layer sees of its inputs; gives back the activity as it is where
/// nothing is projected.
using Projector = std::function<at::Tensor(std::size_t layer, const at::Tensor& activity)>;

class Trainer {
 public:
  virtual ~Trainer() = default;
  /// [batch, class], no gradient.
  virtual at::Tensor logits(const at::Tensor& x) = 0;
  /// Adds to the gradients of the weights. What each layer received, [samples, inputs]: what the
  /// lateral neurons see.
  virtual std::vector<at::Tensor> learn(const at::Tensor& x, const at::Tensor& labels,
                                        const Projector& project) = 0;
  /// After a step of the weights.
  virtual void stepped() {}
  /// Parameters of neurons learn no more.
  virtual void freeze_neurons() {}
};

/// [out, in] each; the last one is the readout, which has no neurons. `feedback` (undefined: the
/// weights themselves): what carries errors back, asked for at each batch.
struct Layers {
  std::vector<at::Tensor> weights;
  std::function<at::Tensor(std::size_t layer)> feedback;
};

/// "bptt", "ottt" or "dsr".
std::unique_ptr<Trainer> trainer(const std::string& kind, const Layers& layers, const Trial& t);

}  // namespace callosum::experiment
