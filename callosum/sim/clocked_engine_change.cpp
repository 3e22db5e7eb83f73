#include <algorithm>

#include "callosum/sim/clocked_engine.h"
#include "callosum/sim/synapse_order.h"

// What may be done to an engine between runs: set, get, reset.
namespace callosum::sim {

template <class T>
void ClockedEngine<T>::set(const View& view, const std::string& name,
                           const std::vector<double>& values) {
  const Population& p = network_.populations()[view.population];
  populations_[view.population]->set(indices(view), name, values);
  refresh();
  for (auto& c : continuous_) c->refresh(now_, network_.grid().ms(now_));
  std::string shown = std::to_string(values.size()) + " values";
  if (std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); }))
    shown = to_string(Quantity::from_internal(values.front(), p.model.at(name).dimension));
  changes_.push_back({now_, p.name, name, shown});
}

template <class T>
std::vector<double> ClockedEngine<T>::get(const View& view, const std::string& name) {
  const std::uint32_t p = view.population;
  PopulationState<T>& state = *populations_[p];
  const auto& v = network_.populations()[p].model.at(name);
  std::vector<double> all;
  if (v.kind == model::VariableKind::subexpression) {
    // Asked now and then: the interpreter will do, and no compile time is spent.
    jit::KernelOptions options = options_.kernel;
    options.engine = jit::Engine::interpreter;
    Observer<T> observer(state, v.name, options);
    fill_drives(p, now_);
    observer.compute(0, state.padded(), network_.grid().ms(now_));
    all.assign(observer.values(), observer.values() + state.size());
  } else {
    all = state.values(v.name);
  }
  merge_neurons(p, all);
  std::vector<double> result;
  for (std::uint32_t i : indices(view)) result.push_back(all[i]);
  return result;
}

template <class T>
std::shared_ptr<const PlasticCode> ClockedEngine<T>::plastic_code(std::uint32_t id, bool frozen,
                                                                  KeptStates states) const {
  return std::make_shared<const PlasticCode>(
      make_plastic_code(network_, id, sizeof(T) == 4 ? Precision::single : Precision::twofold,
                        options_.kernel, frozen, states));
}

// A projection's synapses onto a segment of ours; null where there are none.
template <class T>
const PlasticSynapses<T>* ClockedEngine<T>::some_synapses(std::uint32_t id) const {
  for (const Worker& w : workers_)
    for (const Path<T>& path : w.delivery.paths())
      if (path.projection == id && path.plastic) return path.plastic.get();
  return nullptr;
}

template <class T>
std::vector<double> ClockedEngine<T>::get_synapses(std::uint32_t id, const std::string& name) {
  const Connectivity wiring = connectivity(id);
  const auto rows = row_places(wiring);
  std::vector<double> values(rows.back());
  for (const Worker& w : workers_)
    for (const Path<T>& path : w.delivery.paths()) {
      if (path.projection != id || !path.plastic) continue;
      const auto places = global_places(wiring, path.segment, rows);
      const std::vector<T> own = path.plastic->read(name, now_);
      for (std::size_t k = 0; k < own.size(); ++k) values[places[k]] = own[k];
    }
  if (ranks_ != nullptr) merge(*ranks_, values);
  return values;
}

template <class T>
void ClockedEngine<T>::set_synapses(std::uint32_t id, const std::string& name,
                                    const std::vector<double>& values) {
  const Connectivity wiring = connectivity(id);
  const auto rows = row_places(wiring);
  // States that are set one by one differ among the synapses of a neuron.
  const PlasticSynapses<T>* some = some_synapses(id);
  if (some != nullptr && some->shares(name))
    change_code(id, some->frozen(), KeptStates::by_synapse);
  for (const Worker& w : workers_)
    for (const Path<T>& path : w.delivery.paths()) {
      if (path.projection != id || !path.plastic) continue;
      const auto places = global_places(wiring, path.segment, rows);
      std::vector<T> own(places.size());
      for (std::size_t k = 0; k < own.size(); ++k) own[k] = static_cast<T>(values[places[k]]);
      path.plastic->write(name, own, now_);
    }
  changes_.push_back(
      {now_, network_.projections()[id].name, name, std::to_string(values.size()) + " values"});
}

template <class T>
void ClockedEngine<T>::change_code(std::uint32_t id, bool frozen, KeptStates states) {
  const auto code = plastic_code(id, frozen, states);
  for (const Worker& w : workers_)
    for (const Path<T>& path : w.delivery.paths())
      if (path.projection == id && path.plastic) path.plastic->change_code(code, now_);
}

template <class T>
void ClockedEngine<T>::freeze(std::uint32_t id, bool frozen) {
  const PlasticSynapses<T>* some = some_synapses(id);
  if (some != nullptr)
    change_code(id, frozen, some->separate() ? KeptStates::by_synapse : KeptStates::shared);
  changes_.push_back({now_, network_.projections()[id].name, "weight", frozen ? "frozen" : "free"});
}

template <class T>
std::uint64_t ClockedEngine<T>::synapses_of(std::uint32_t id) const {
  std::uint64_t sum = 0;
  for (const Worker& w : workers_)
    for (const Path<T>& path : w.delivery.paths())
      if (path.projection == id) sum += path.store->synapses();
  sum_over_ranks({&sum, 1});
  return sum;
}

template <class T>
void ClockedEngine<T>::reset(Reset what) {
  const auto has = [&](Reset r) {
    return (static_cast<unsigned>(what) & static_cast<unsigned>(r)) != 0;
  };
  const std::uint64_t draw = draw_of(now_);
  // All variables of synapses, or their states alone. States that were set one by one are shared
  // again, so that the run is the one that it was.
  if (has(Reset::weights) || has(Reset::state))
    for (std::uint32_t id = 0; id < on_pre_.size(); ++id)
      if (const auto* some = some_synapses(id); some != nullptr && some->separate())
        change_code(id, some->frozen(), KeptStates::shared);
  if (has(Reset::weights) || has(Reset::state))
    for (Worker& w : workers_) w.delivery.restore_synapses(now_, !has(Reset::weights));
  if (has(Reset::state)) {
    for (auto& p : populations_) p->restore_state();
    for (auto& rings : rings_)
      for (Ring<T>& ring : rings) ring.clear();
    record_spikes(now_);
    exchange_.clear();
    for (Worker& w : workers_) w.delivery.clear();
    for (auto& c : continuous_) c->restart(now_, network_.grid().ms(now_));
  }
  if (has(Reset::time)) restart_time(!has(Reset::state));
  draw_shift_ =
      (has(Reset::random) ? options_.first_draw : draw) - static_cast<std::uint64_t>(now_);
  if (!has(Reset::time)) return;
  sample(0);
  traces_->flush(0);
  weights_->flush(0);
}

// Time starts anew. What is on its way arrives as long from now as it would have.
template <class T>
void ClockedEngine<T>::restart_time(bool keep_state) {
  const double now_ms = network_.grid().ms(now_);
  if (keep_state) {
    for (auto& p : populations_) p->restart_at(now_ms);
    for (auto& rings : rings_)
      for (Ring<T>& ring : rings)
        if (ring.sliced())
          ring.clear();  // spikes on their way stand in the exchange
        else
          ring.restart_at(now_);
    exchange_.restart_at(now_);
    for (Worker& w : workers_) w.delivery.restart_at(now_);
    for (auto& c : continuous_) c->restart_at(now_);
  } else {
    for (auto& c : continuous_) c->restart(0, 0);
    for (Worker& w : workers_) w.delivery.restart_at(now_);
    exchange_.clear();
  }
  now_ = recorded_ = exchanged_ = sent_until_ = 0;
  totals_.steps = 0;
  totals_.spike_hash = totals_.synaptic_events = 0;
  changes_.clear();
  for (SpikeStatistics& s : statistics_) s = SpikeStatistics(s.size());
  for (Worker& w : workers_) {
    w.delivery.forget_events();
    w.sliced.forget_events();
    w.hash = 0;
    w.delivered = 0;
  }
  spikes_->clear();
  traces_->restart();
  weights_->restart();
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
