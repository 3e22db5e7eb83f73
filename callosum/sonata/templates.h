#pragma once

#include <filesystem>
#include <string>

#include "callosum/model/model.h"

namespace callosum::sonata {

/// What model_template of a point neuron names.
struct Template {
  enum class Simulator { nest, pynn, callosum };
  Simulator simulator = Simulator::callosum;
  model::Model model;

  /// Name and value of one of its dynamics_params in the model's own terms, internal units. PyNN
  /// counts in nF, nA and uS. Throws NameError with the nearest name, ValueError outside its range.
  std::pair<std::string, double> parameter(const std::string& name, double value,
                                           const std::string& where) const;
  /// The state that a spike of this weight adds to, and the weight in internal units.
  std::string target(bool excites, const std::string& where) const;
  double weight(const std::string& target, double given) const;
};

/// `text`: "nest:iaf_psc_alpha", "pynn:IF_curr_exp", "callosum:lif_psc_exp" or "callosum:own.toml",
/// a model file in the folder `models`. Throws NameError, UnsupportedError.
Template point_neuron(const std::string& text, const std::filesystem::path& models,
                      const std::string& where);
/// The model of a synapse, of the same forms, or a plain name; "static" for none.
model::Model synapse_model(const std::string& text, const std::filesystem::path& models,
                           const std::string& where);

}  // namespace callosum::sonata
