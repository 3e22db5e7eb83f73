#include "callosum/sim/continuous.h"

#include <algorithm>
#include <numeric>

namespace callosum::sim {

template <class T>
ContinuousProjection<T>::ContinuousProjection(const Connectivity& connectivity, const View& from,
                                              std::uint32_t targets)
    : rows_(targets + 1, 0) {
  BlockSynapses drawn;
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<std::uint64_t> next(rows_.begin(), rows_.end() - 1);
    for (std::uint32_t block = 0; block < connectivity.blocks(); ++block) {
      connectivity.draw(block, drawn);
      for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
        for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k) {
          const std::uint32_t target = block * block_size + drawn.targets[k];
          if (pass == 0) {
            ++rows_[target + 1];
            continue;
          }
          // What is read is at least one step old: values of the step itself do not exist yet.
          const std::uint32_t delay =
              std::max(1u, connectivity.constant_delay() ? connectivity.delay() : drawn.delays[k]);
          const double weight =
              connectivity.constant_weight() ? connectivity.weight() : drawn.weights[k];
          longest_ = std::max(longest_, delay);
          entries_[next[target]++] = {from.index(s), delay, static_cast<T>(weight)};
        }
    }
    if (pass == 0) {
      std::partial_sum(rows_.begin(), rows_.end(), rows_.begin());
      entries_.resize(rows_.back());
    }
  }
}

template <class T>
void ContinuousProjection<T>::watch(PopulationState<T>& source, std::uint32_t population,
                                    const std::string& variable, const jit::KernelOptions& kernel) {
  source_ = &source;
  population_ = population;
  variable_ = variable;
  const std::string where = "population '" + source.description().name + "'";
  if (source.description().model.at(variable).kind == model::VariableKind::parameter &&
      source.column(variable) == nullptr)
    throw UnsupportedError({.where = where,
                            .what = "a parameter cannot be read continuously",
                            .got = variable,
                            .expected = "a state or a subexpression"});
  if (source.column(variable) == nullptr) {
    observer_ = std::make_unique<Observer<T>>(source, variable, kernel);
    if (observer_->reads_driven())
      throw UnsupportedError({.where = where,
                              .what = "what is read continuously depends on a driven parameter",
                              .got = variable,
                              .expected = "a state, or an expression of states and constants"});
  }
  past_ = Ring<T>(longest_ + 1, source.padded());
}

template <class T>
void ContinuousProjection<T>::restart(std::int64_t k, double t_ms) {
  refresh(k, t_ms);
  for (std::size_t back = 1; back < past_.slots(); ++back)
    std::copy_n(past_.slot(k), source_->size(), past_.slot(k + static_cast<std::int64_t>(back)));
}

template <class T>
void ContinuousProjection<T>::refresh() {
  if (observer_) observer_->refresh();
}

template <class T>
void ContinuousProjection<T>::refresh(std::int64_t k, double t_ms) {
  refresh();
  keep({{population_, 0, source_->size()}}, k, t_ms);
}

template <class T>
void ContinuousProjection<T>::keep(const std::vector<Segment>& owned, std::int64_t k, double t_ms) {
  for (const Segment& s : owned) {
    if (s.population != population_) continue;
    if (observer_) observer_->compute(s.begin, padded_lanes(s.end), t_ms);
    const T* column = observer_ ? observer_->values() : source_->column(variable_);
    std::copy(column + s.begin, column + s.end, past_.slot(k) + s.begin);
  }
}

template <class T>
void ContinuousProjection<T>::add(T* column, std::uint32_t begin, std::uint32_t end,
                                  std::int64_t n) {
  for (std::uint32_t target = begin; target < end; ++target) {
    T sum = 0;
    for (std::uint64_t k = rows_[target]; k < rows_[target + 1]; ++k) {
      const Entry& e = entries_[k];
      sum += e.weight * past_.slot(n + 1 - e.delay)[e.source];
    }
    column[target] += sum;
  }
}

template <class T>
void ContinuousProjection<T>::save(ArchiveWriter& out, const std::string& name, std::uint32_t begin,
                                   std::uint32_t end, std::int64_t k) {
  std::vector<T> values;
  for (std::uint32_t back = 0; back < longest_; ++back) {
    const T* slot = past_.slot(k - back);
    values.insert(values.end(), slot + begin, slot + end);
  }
  out.put(name, values);
}

template <class T>
void ContinuousProjection<T>::load(const ArchiveReader& in, const std::string& name,
                                   std::uint32_t begin, std::uint32_t end, std::int64_t k) {
  const std::size_t size = end - begin;
  const auto values = in.get<T>(name, longest_ * size);
  for (std::uint32_t back = 0; back < longest_; ++back)
    std::copy_n(values.data() + back * size, size, past_.slot(k - back) + begin);
}

template class ContinuousProjection<float>;
template class ContinuousProjection<double>;

}  // namespace callosum::sim
