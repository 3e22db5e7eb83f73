#include "callosum/sim/weight_recorders.h"

#include <algorithm>

#include "callosum/sim/samples_checkpoint.h"
#include "callosum/sim/synapse_order.h"

namespace callosum::sim {
namespace {

std::string name_of(std::size_t record) { return "weights-" + std::to_string(record); }

Dimension weight_dimension(const Projection& p, const Network& network) {
  if (!p.synapse.source_variable.empty() || !p.synapse.model) return p.synapse.weight.dimension();
  const model::Variable* weight = p.synapse.model->find("weight");
  if (weight) return weight->dimension;
  const auto& target = network.populations()[p.to.population].model;
  return p.synapse.target.empty() ? p.synapse.weight.dimension()
                                  : target.at(p.synapse.target).dimension;
}

}  // namespace

template <class T>
WeightRecorders<T>::WeightRecorders(const Network& network,
                                    const std::vector<Connectivity>& connectivities,
                                    const std::vector<const Delivery<T>*>& deliveries,
                                    const std::string& folder, Ranks* ranks)
    : ranks_(ranks) {
  const bool first = ranks == nullptr || ranks->rank() == 0;
  for (const Recorder& r : network.recorders()) {
    if (r.kind != Recorder::Kind::weights) continue;
    const Projection& projection = network.projections()[r.projection];
    const Connectivity& connectivity = connectivities[r.projection];
    const std::size_t blocks = connectivity.blocks();
    const std::vector<std::uint64_t> places = row_places(connectivity);
    Weights w;
    w.record.projection = projection.name;
    w.record.dimension = weight_dimension(projection, network);
    w.record.interval = r.interval;
    w.record.synapses = places.back();
    w.parts.resize(deliveries.size());
    bool changes = false;
    for (std::size_t t = 0; t < deliveries.size(); ++t)
      for (const Path<T>& path : deliveries[t]->paths()) {
        if (path.projection != r.projection || !(path.general || path.plastic)) continue;
        changes = true;
        w.parts[t].push_back({path.general.get(), path.plastic.get(),
                              global_places(connectivity, path.segment, places)});
      }
    if (ranks != nullptr) changes = count_of(*ranks, changes) > 0;
    if (!changes && first) {
      w.constant.resize(w.record.synapses);
      BlockSynapses drawn;
      for (std::uint32_t b = 0; b < blocks; ++b) {
        connectivity.draw(b, drawn);
        for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
          for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k)
            w.constant[places[s * blocks + b] + k - drawn.row_offsets[s]] =
                static_cast<T>(drawn.weights.empty() ? connectivity.weight() : drawn.weights[k]);
      }
    }
    if (!folder.empty())
      w.file = std::make_unique<StreamFile>(
          folder + "/" + name_of(weights_.size()) + ".rec",
          StreamFile::Header{{"record", "weights"},
                             {"projection", projection.name},
                             {"dimension", dimension_text(w.record.dimension)},
                             {"interval", std::to_string(r.interval)},
                             {"synapses", std::to_string(w.record.synapses)}});
    weights_.push_back(std::move(w));
  }
}

template <class T>
void WeightRecorders<T>::reserve(std::int64_t until) {
  for (Weights& w : weights_) w.record.values.resize(w.samples(until) * w.record.synapses);
}

template <class T>
void WeightRecorders<T>::sample(std::size_t thread, std::int64_t k) {
  for (Weights& w : weights_) {
    if (k % w.record.interval != 0) continue;
    double* row = w.record.values.data() +
                  static_cast<std::size_t>(k / w.record.interval - w.flushed) * w.record.synapses;
    if (thread == 0) std::copy(w.constant.begin(), w.constant.end(), row);
    for (const Part& part : w.parts[thread]) {
      const std::vector<T> present =
          part.plastic ? part.plastic->read("weight", k) : std::vector<T>();
      for (std::uint64_t s = 0; s < part.place.size(); ++s)
        row[part.place[s]] = part.plastic ? present[s] : part.general->weight(s);
    }
  }
}

template <class T>
void WeightRecorders<T>::flush(std::int64_t now) {
  for (Weights& w : weights_) flush_samples(w, w.samples(now), w.record.synapses, ranks_);
}

template <class T>
void WeightRecorders<T>::restart() {
  for (Weights& w : weights_) {
    w.record.values.clear();
    w.flushed = 0;
    w.merged = 0;
    if (w.file) w.file->restart();
  }
}

template <class T>
WeightRecord WeightRecorders<T>::read(const std::string& path) {
  StreamFile::Header header;
  const std::string bytes = read_stream(path, header);
  WeightRecord record;
  record.projection = header["projection"];
  record.dimension = dimension_of(header["dimension"], path);
  record.interval = whole_number(header["interval"], path);
  record.synapses = static_cast<std::size_t>(whole_number(header["synapses"], path));
  record.values = doubles(bytes);
  return record;
}

template <class T>
std::vector<WeightRecord> WeightRecorders<T>::records(std::int64_t now) const {
  std::vector<WeightRecord> result;
  for (const Weights& w : weights_) {
    if (w.file) {
      result.push_back(read(w.file->path()));
      continue;
    }
    result.push_back(w.record);
    result.back().values.resize(w.samples(now) * w.record.synapses);
  }
  return result;
}

template <class T>
void WeightRecorders<T>::begin(std::int64_t now) {
  for (Weights& r : weights_)
    if (r.file) r.file->begin();
  flush(now);
}

template <class T>
void WeightRecorders<T>::save(ArchiveWriter& out, std::int64_t now) {
  flush(now);
  if (ranks_ != nullptr && ranks_->rank() != 0) return;
  for (std::size_t k = 0; k < weights_.size(); ++k)
    save_samples(out, name_of(k), weights_[k],
                 weights_[k].samples(now) * weights_[k].record.synapses);
}

template <class T>
void WeightRecorders<T>::load(const ArchiveReader& in, const std::string& folder,
                              std::int64_t now) {
  for (std::size_t k = 0; k < weights_.size(); ++k) {
    Weights& r = weights_[k];
    const auto samples = static_cast<std::size_t>(now / r.record.interval + 1);
    load_samples(in, name_of(k), folder, r, samples, r.record.synapses, ranks_);
  }
}

template class WeightRecorders<float>;
template class WeightRecorders<double>;

}  // namespace callosum::sim
