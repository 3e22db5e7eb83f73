#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/learn/unroll_state.h"

// What is trained: values in, values and gradients out.
namespace callosum::learn {

template <class T>
const std::vector<std::string>& Unroll<T>::trained() const {
  return impl_->trained_names;
}

template <class T>
std::vector<T> Unroll<T>::values(std::string_view name) const {
  const auto& projections = impl_->network.projections();
  for (std::size_t p = 0; p < projections.size(); ++p)
    if (projections[p].name == name) return impl_->weights[p];
  if (const auto* learned = impl_->learned_delays(name)) return learned->delays;
  const auto [p, parameter] = impl_->variable(name, "no weights or parameter of this name");
  if (!impl_->cells[p] || !impl_->cells[p]->is_parameter(parameter))
    unknown("no weights or parameter of this name", name, impl_->trained_names);
  const auto& values = impl_->cells[p]->parameter(parameter);
  return std::vector<T>(values.begin(), values.end());
}

template <class T>
void Unroll<T>::set(std::string_view name, std::span<const T> values) {
  const auto fits = [&](std::size_t size) {
    if (values.size() != size)
      throw ShapeError({.where = "values of '" + std::string(name) + "'",
                        .what = "the number of values does not fit",
                        .got = std::to_string(values.size()),
                        .expected = std::to_string(size)});
    for (const T x : values)
      if (!(x - x == 0))
        throw ValueError({.where = "values of '" + std::string(name) + "'",
                          .what = "a value must be finite",
                          .got = std::to_string(static_cast<double>(x))});
  };
  const auto& projections = impl_->network.projections();
  for (std::size_t p = 0; p < projections.size(); ++p) {
    if (projections[p].name != name) continue;
    fits(impl_->weights[p].size());
    impl_->weights[p].assign(values.begin(), values.end());
    if (auto* learned = impl_->learned_delays(static_cast<std::uint32_t>(p))) {
      learned->changed = true;
      return;
    }
    for (Piece<T>& piece : impl_->pieces)
      if (piece.projection() == p)
        piece.set(values, impl_->weights_back(static_cast<std::uint32_t>(p)));
    return;
  }
  fits(this->values(name).size());
  if (auto* learned = impl_->learned_delays(name))
    return impl_->take_delays(*learned, {values.begin(), values.end()});
  const auto [p, parameter] = impl_->variable(name, "no weights or parameter of this name");
  if (impl_->cells[p]->set(parameter, std::vector<double>(values.begin(), values.end())))
    impl_->kept = false;
  impl_->make_workers();
}

template <class T>
void Unroll<T>::Impl::find_feedback() {
  std::vector<std::string> names;
  for (const Projection& p : network.projections()) names.push_back(p.name);
  for (const auto& [name, kind] : options.feedback) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      unknown("no projection of this name carries derivatives back", name, names);
    if (options.delays.contains(name) && kind != Feedback::transposed)
      throw UnsupportedError({.where = "projection '" + name + "'",
                              .what = "feedback of its own where delays are learned",
                              .expected = "transposed feedback, or delays that are held"});
  }
}

// What derivatives go back by, [synapse]; empty: the weights.
template <class T>
std::vector<T> Unroll<T>::Impl::weights_back(std::uint32_t id) const {
  const Back& of = back[id];
  std::vector<T> result;
  if (of.kind == Feedback::transposed) return result;
  const StreamKey key(options.seed, name_hash(network.projections()[id].name + ".feedback"),
                      Purpose::user);
  for (std::size_t k = 0; k < weights[id].size(); ++k) {
    const T w = weights[id][k];
    result.push_back(of.kind == Feedback::random ? of.size * static_cast<T>(Stream(key, k).normal())
                     : w > 0                     ? of.size
                     : w < 0                     ? -of.size
                                                 : T{0});
  }
  return result;
}

template <class T>
std::span<const T> Unroll<T>::gradient(std::string_view name) const {
  for (const auto& t : impl_->trained)
    if (t.name == name) return t.gradient;
  unknown("no gradient of this name is asked for in UnrollOptions::trained", name,
          impl_->trained_names);
}

template <class T>
std::span<const T> Unroll<T>::input_gradient(std::string_view name) const {
  for (const auto& c : impl_->currents)
    if (c.name == name) return c.gradient;
  const auto p = impl_->population(name, "no input of this name");
  if (impl_->spike_gradients.empty()) return {};
  return impl_->spike_gradients[p];
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace callosum::learn
