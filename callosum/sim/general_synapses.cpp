#include "callosum/sim/general_synapses.h"

#include <algorithm>
#include <bit>

#include "callosum/core/random.h"
#include "callosum/model/lower.h"

namespace callosum::sim {

template <class T>
GeneralSynapses<T>::GeneralSynapses(const Network& network, std::uint32_t id,
                                    const SynapseStore<T>& store, const Segment& segment,
                                    PopulationState<T>& post, std::vector<Ring<T>>& rings,
                                    std::uint64_t seed, std::uint32_t longest,
                                    const jit::KernelOptions& kernel)
    : store_(store), segment_(segment), post_(post), pending_(std::bit_ceil(longest + 1u)) {
  const Projection& p = network.projections()[id];
  const model::Model& synapse = *p.synapse.model;
  const auto compiled = model::compile_on_pre(synapse, network.populations()[p.to.population].model,
                                              p.synapse.target, network.grid().dt_ms());
  program_ = model::lower_functions(compiled.program,
                                    sizeof(T) == 4 ? Precision::single : Precision::twofold);
  kernel_ = std::make_shared<jit::Kernel>(program_, kernel);
  const std::size_t slots = program_.slots.size();
  variables_.resize(slots);
  post_names_.resize(slots);
  targets_.assign(slots, nullptr);
  uniforms_.assign(slots, T{0});
  const StreamKey key(seed, name_hash(p.name), Purpose::user);
  for (std::size_t s = 0; s < slots; ++s) {
    const std::string& name = program_.slots[s].name;
    lanes_.emplace_back(static_cast<std::size_t>(model::lane_padding));
    slots_.push_back(lanes_.back().data());
    if (name.starts_with("add(")) {
      const std::string input = name.substr(4, name.size() - 5);
      const auto at = std::find(post.inputs().begin(), post.inputs().end(), input);
      targets_[s] = &rings[static_cast<std::size_t>(at - post.inputs().begin())];
    } else if (name.ends_with("_post") && program_.slots[s].kind == model::SlotKind::parameter) {
      post_names_[s] = name.substr(0, name.size() - 5);
    } else {
      auto& values = variables_[s];
      values.resize(store.synapses());
      const auto given = p.synapse.parameters.find(name);
      const model::Variable* v = synapse.find(name);
      for (std::uint64_t k = 0; k < values.size(); ++k) {
        if (name == "weight")
          values[k] = store.weight(k);
        else if (given == p.synapse.parameters.end())
          values[k] = static_cast<T>(v ? v->value.value_or(0) : 0);
        else if (given->second.is_constant())
          values[k] = static_cast<T>(given->second.first());
        else
          throw UnsupportedError(
              {.where = "projection '" + p.name + "'",
               .what = "a synapse variable other than the weight cannot be drawn yet",
               .got = name,
               .expected = "one value for all synapses"});
      }
    }
  }
  drawn_ = variables_;
}

template <class T>
std::uint32_t GeneralSynapses<T>::deliver(std::uint32_t source, std::int64_t n) {
  std::uint32_t length = 0;
  store_.for_each_bucket(source, [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
    pending_[static_cast<std::size_t>(n + delay) & (pending_.size() - 1)].push_back({first, last});
    length += static_cast<std::uint32_t>(last - first);
  });
  return length;
}

template <class T>
void GeneralSynapses<T>::arrive(std::int64_t n) {
  auto& ranges = pending_[static_cast<std::size_t>(n) & (pending_.size() - 1)];
  for (const Range& range : ranges)
    for (std::uint64_t at = range.first; at < range.last; at += model::lane_padding)
      run({at, std::min<std::uint64_t>(range.last, at + model::lane_padding)}, n);
  ranges.clear();
}

template <class T>
void GeneralSynapses<T>::run(Range range, std::int64_t n) {
  const std::uint64_t size = range.last - range.first;
  const std::uint16_t* targets = store_.targets() + range.first;
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    T* lanes = lanes_[s].data();
    if (!variables_[s].empty()) {
      std::copy_n(variables_[s].data() + range.first, size, lanes);
    } else if (!post_names_[s].empty()) {
      const T* column = post_.column(post_names_[s]);
      for (std::uint64_t k = 0; k < size; ++k) {
        const std::uint32_t neuron = segment_.begin + targets[k];
        lanes[k] = column ? column[neuron] : static_cast<T>(post_.base(post_names_[s], neuron));
      }
    }
  }
  kernel_->run({slots_.data(), uniforms_.data(), nullptr}, 0, model::lane_padding);
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    const T* lanes = lanes_[s].data();
    if (!variables_[s].empty()) std::copy_n(lanes, size, variables_[s].data() + range.first);
    if (targets_[s] == nullptr) continue;
    T* slot = targets_[s]->slot(n) + segment_.begin;
    for (std::uint64_t k = 0; k < size; ++k) slot[targets[k]] += lanes[k];
  }
}

template <class T>
void GeneralSynapses<T>::clear() {
  for (auto& ranges : pending_) ranges.clear();
}

template <class T>
void GeneralSynapses<T>::restore() {
  variables_ = drawn_;
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
