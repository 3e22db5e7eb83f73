#include <algorithm>
#include <cmath>
#include <span>

#include "callosum/sim/population_state.h"

// What a checkpoint keeps of a population.
namespace callosum::sim {
namespace {

std::size_t block_lanes(std::uint32_t size, std::uint32_t begin) {
  return std::min(block_size, size - begin);
}

}  // namespace

template <class T>
void PopulationState<T>::save(ArchiveWriter& out, const std::string& block,
                              std::uint32_t begin) const {
  for (const auto& [name, column] : states_)
    out.put(block + " state " + name,
            std::span<const T>(column + begin, block_lanes(size(), begin)));
}

template <class T>
void PopulationState<T>::load(const ArchiveReader& in, const std::string& block,
                              std::uint32_t begin) {
  for (const auto& [name, column] : states_) {
    const auto values = in.get<T>(block + " state " + name, block_lanes(size(), begin));
    std::copy(values.begin(), values.end(), column + begin);
  }
}

template <class T>
void PopulationState<T>::save_parameters(ArchiveWriter& out, const std::string& population) const {
  for (const auto& [name, values] : parameters_)
    if (population_.model.find(name) != nullptr) out.put(population + " parameter " + name, values);
}

template <class T>
void PopulationState<T>::load_parameters(const ArchiveReader& in, const std::string& population) {
  if (!has_model_) return;
  bool widened = false;
  for (auto& [name, values] : parameters_) {
    if (population_.model.find(name) == nullptr) continue;
    const std::string record = population + " parameter " + name;
    const auto saved = in.get<double>(record);
    if (saved.size() != 1 && saved.size() != population_.size)
      in.refuse(record, "its length is wrong", std::to_string(saved.size()),
                "1 or " + std::to_string(population_.size));
    if (!std::all_of(saved.begin(), saved.end(), [](double x) { return std::isfinite(x); }))
      in.refuse(record, "a value is not finite");
    widened = widened || saved.size() != values.size();
    values = saved;
  }
  if (widened)
    compile();
  else
    run_constants();
}

template class PopulationState<float>;
template class PopulationState<double>;

}  // namespace callosum::sim
