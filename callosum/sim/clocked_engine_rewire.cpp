#include <algorithm>
#include <set>
#include <string>

#include "callosum/core/error.h"
#include "callosum/sim/clocked_engine.h"
#include "callosum/sim/synapse_order.h"

// Synapses that are removed or grown between runs: the projection's rows are laid out anew, what
// its synapses have learned and what is on its way to them goes over. The rest of the network
// stays.
namespace callosum::sim {

// A projection as it is wired at present.
template <class T>
Connectivity ClockedEngine<T>::connectivity(std::uint32_t id) const {
  for (const Worker& w : workers_)
    for (const Path<T>& path : w.delivery.paths())
      if (path.projection == id && path.rewired)
        return Connectivity(*path.rewired, id, options_.seed);
  return Connectivity(network_, id, options_.seed);
}

template <class T>
SynapseList ClockedEngine<T>::synapses(std::uint32_t id) const {
  return wiring_of(connectivity(id), network_.projections()[id].to).synapses;
}

template <class T>
void ClockedEngine<T>::rewire(std::uint32_t id, const std::vector<bool>& removed,
                              const SynapseList& grown, const std::vector<double>& weights) {
  const Projection& p = network_.projections()[id];
  const auto refuse = [&](const char* what, const char* got, const char* expected) {
    throw UnsupportedError({.where = "projection '" + p.name + "', removing and growing synapses",
                            .what = what,
                            .got = got,
                            .expected = expected});
  };
  if (ranks_ != nullptr)
    refuse("synapses come and go within one process only", "several ranks", "threads");
  for (const Recorder& r : network_.recorders())
    if (r.kind == Recorder::Kind::weights && r.projection == id)
      refuse("its weights are recorded, one column a synapse", "a weight recorder",
             "get_synapses between runs");
  const Connectivity drawn(network_, id, options_.seed);
  for (const std::uint32_t delay : grown.delays)
    if (!(delay >= drawn.minimum_delay() && delay <= drawn.maximum_delay()))
      throw ValueError({.where = "projection '" + p.name + "', growing synapses",
                        .what = "a delay that no synapse of the projection could have",
                        .got = std::to_string(delay) + " steps",
                        .expected = std::to_string(drawn.minimum_delay()) + " to " +
                                    std::to_string(drawn.maximum_delay()) + " steps"});
  std::vector<std::int64_t> from;
  const Wiring wiring =
      rewired(wiring_of(connectivity(id), p.to), p.to, removed, grown, weights, from);
  wire(id, wiring, &from);
  changes_.push_back({now_, p.name, "synapses",
                      std::to_string(std::count(removed.begin(), removed.end(), true)) +
                          " removed, " + std::to_string(weights.size()) + " grown"});
}

// `from`: the present place of each synapse, negative for new ones; null: all begin as drawn.
template <class T>
void ClockedEngine<T>::wire(std::uint32_t id, const Wiring& wiring,
                            const std::vector<std::int64_t>* from) {
  const std::shared_ptr<const Network> network = with_wiring(network_, id, wiring);
  const Connectivity before = connectivity(id), after(*network, id, options_.seed);
  const auto rows_before = row_places(before), rows_after = row_places(after);
  std::set<SpikeOnItsWay> spikes;
  typename PlasticSynapses<T>::StatesOfSources sources;
  const auto for_each_path = [&](auto f) {
    for (Worker& w : workers_)
      for (std::uint32_t k = 0; k < w.delivery.paths().size(); ++k)
        if (w.delivery.paths()[k].projection == id && w.delivery.paths()[k].plastic)
          f(w.delivery, w.delivery.paths()[k], k);
  };
  for_each_path([&](Delivery<T>& delivery, const Path<T>& path, std::uint32_t k) {
    for (const SpikeOnItsWay& s : delivery.on_its_way(k)) spikes.insert(s);
    path.plastic->collect_sources(sources);
  });
  for_each_path([&](Delivery<T>& delivery, const Path<T>& path, std::uint32_t k) {
    auto store = std::make_shared<SynapseStore<T>>(after, path.segment);
    store->release_weights();
    auto plastic = std::make_unique<PlasticSynapses<T>>(
        *network, id, path.plastic->code(), after, *store, path.segment,
        *populations_[path.target_population], rings_[path.target_population], options_.seed);
    plastic->read_sources_of(*path.plastic);
    if (from != nullptr) {
      std::vector<std::int64_t> own(rows_before.back(), -1);  // in the old store, by place
      const auto old = global_places(before, path.segment, rows_before);
      for (std::size_t s = 0; s < old.size(); ++s) own[old[s]] = static_cast<std::int64_t>(s);
      std::vector<std::int64_t> local;
      for (const std::uint64_t place : global_places(after, path.segment, rows_after))
        local.push_back((*from)[place] < 0 ? -1 : own[static_cast<std::size_t>((*from)[place])]);
      plastic->go_on_from(*path.plastic, local, sources, now_);
    }
    totals_.synapses += store->synapses();
    totals_.synapses -= path.store->synapses();
    totals_.synapse_bytes += static_cast<double>(store->bytes() + plastic->bytes()) -
                             static_cast<double>(path.store->bytes() + path.plastic->bytes());
    delivery.rewire(k, std::move(store), std::move(plastic), network,
                    {spikes.begin(), spikes.end()});
  });
}

template <class T>
void ClockedEngine<T>::save_wirings(ArchiveWriter& out) const {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = 0; id < on_pre_.size(); ++id) {
    bool found = false;
    for (const Worker& w : workers_)
      for (const Path<T>& path : w.delivery.paths())
        found = found || (path.projection == id && path.rewired);
    if (!found) continue;
    const Wiring wiring = wiring_of(connectivity(id), network_.projections()[id].to);
    const std::string name = "wiring " + std::to_string(id) + " ";
    out.put(name + "sources", wiring.synapses.sources);
    out.put(name + "targets", wiring.synapses.targets);
    out.put(name + "delays", wiring.synapses.delays);
    out.put(name + "weights", wiring.weights);
    ids.push_back(id);
  }
  if (first_rank()) out.put("wired projections", ids);
}

template <class T>
void ClockedEngine<T>::load_wirings(const ArchiveReader& in) {
  for (const std::uint32_t id : in.get<std::uint32_t>("wired projections")) {
    if (id >= on_pre_.size() || !on_pre_[id].plastic)
      in.refuse("wired projections", "there is no such plastic projection", std::to_string(id));
    const std::string name = "wiring " + std::to_string(id) + " ";
    Wiring wiring;
    wiring.synapses.sources = in.get<std::uint32_t>(name + "sources");
    const std::size_t number = wiring.synapses.sources.size();
    wiring.synapses.targets = in.get<std::uint32_t>(name + "targets", number);
    wiring.synapses.delays = in.get<std::uint32_t>(name + "delays", number);
    wiring.weights = in.get<double>(name + "weights", number);
    const Projection& p = network_.projections()[id];
    const Connectivity drawn(network_, id, options_.seed);
    for (std::size_t k = 0; k < number; ++k)
      if (!(wiring.synapses.sources[k] < p.from.size() &&
            wiring.synapses.targets[k] < p.to.size() &&
            wiring.synapses.delays[k] >= drawn.minimum_delay() &&
            wiring.synapses.delays[k] <= drawn.maximum_delay()))
        in.refuse(name + "sources", "a synapse between no neurons of the projection, or too far",
                  std::to_string(k));
    wire(id, wiring, nullptr);
  }
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
