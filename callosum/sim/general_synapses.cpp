#include "callosum/sim/general_synapses.h"

#include <algorithm>

#include "callosum/sim/synapse_variables.h"

namespace callosum::sim {

template <class T>
GeneralSynapses<T>::GeneralSynapses(const Network& network, std::uint32_t id,
                                    std::shared_ptr<const SynapseKernel> code,
                                    const Connectivity& connectivity, const SynapseStore<T>& store,
                                    const Segment& segment, PopulationState<T>& post,
                                    std::vector<Ring<T>>& rings, std::uint64_t seed)
    : store_(store), segment_(segment), post_(post), code_(std::move(code)) {
  const model::Program& program = code_->program;
  const std::size_t slots = program.slots.size();
  variables_.resize(slots);
  targets_.assign(slots, nullptr);
  uniforms_.assign(slots, T{0});
  for (std::size_t s = 0; s < slots; ++s) {
    const std::string& name = program.slots[s].name;
    lanes_.emplace_back(static_cast<std::size_t>(model::lane_padding));
    slots_.push_back(lanes_.back().data());
    if (name.starts_with("add(")) {
      const std::string input = name.substr(4, name.size() - 5);
      const auto at = std::find(post.inputs().begin(), post.inputs().end(), input);
      targets_[s] = &rings[static_cast<std::size_t>(at - post.inputs().begin())];
    } else if (program.slots[s].kind == model::SlotKind::parameter) {
      reads_.push_back({s, name.substr(0, name.size() - 5)});  // x_post
    } else {
      variables_[s].resize(store.synapses());
      if (name == "weight") weight_slot_ = static_cast<int>(s);
    }
  }
  for (std::size_t slot = 0; slot < slots; ++slot)
    if (!variables_[slot].empty())
      draw_synapse_variable(network.projections()[id], program.slots[slot].name, connectivity,
                            segment, seed, variables_[slot]);
  drawn_ = variables_;
}

template <class T>
void GeneralSynapses<T>::arrive(std::uint64_t first, std::uint64_t last, std::int64_t n) {
  for (; first < last; first += model::lane_padding)
    run(first, std::min<std::uint64_t>(last, first + model::lane_padding), n);
}

template <class T>
void GeneralSynapses<T>::run(std::uint64_t first, std::uint64_t last, std::int64_t n) {
  const std::uint64_t size = last - first;
  const std::uint16_t* targets = store_.targets() + first;
  for (std::size_t s = 0; s < slots_.size(); ++s)
    if (!variables_[s].empty()) std::copy_n(variables_[s].data() + first, size, lanes_[s].data());
  for (const Post& read : reads_) {
    T* lanes = lanes_[read.slot].data();
    const T* column = post_.present(read.name);
    const std::vector<double>* values = column ? nullptr : &post_.parameter(read.name);
    for (std::uint64_t k = 0; k < size; ++k) {
      const std::uint32_t neuron = segment_.begin + targets[k];
      lanes[k] =
          column ? column[neuron] : static_cast<T>((*values)[values->size() == 1 ? 0 : neuron]);
    }
  }
  code_->kernel->run({slots_.data(), uniforms_.data(), nullptr}, 0, model::lane_padding);
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    const T* lanes = lanes_[s].data();
    if (!variables_[s].empty()) std::copy_n(lanes, size, variables_[s].data() + first);
    if (targets_[s] == nullptr) continue;
    T* slot = targets_[s]->slot(n) + segment_.begin;
    for (std::uint64_t k = 0; k < size; ++k) slot[targets[k]] += lanes[k];
  }
}

template <class T>
void GeneralSynapses<T>::restore() {
  variables_ = drawn_;
}

template <class T>
T GeneralSynapses<T>::weight(std::uint64_t k) const {
  return weight_slot_ < 0 ? store_.weight(k)
                          : variables_[static_cast<std::size_t>(weight_slot_)][k];
}

template <class T>
std::size_t GeneralSynapses<T>::bytes() const {
  std::size_t sum = 0;
  for (const auto& v : variables_) sum += 2 * v.size() * sizeof(T);
  return sum;
}

template class GeneralSynapses<float>;
template class GeneralSynapses<double>;

}  // namespace callosum::sim
