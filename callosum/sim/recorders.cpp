#include "callosum/sim/recorders.h"

#include <cstring>

namespace callosum::sim {
namespace {

constexpr std::size_t spike_bytes = 12;

std::string name_of(std::size_t record) { return "spikes-" + std::to_string(record); }

void decode(const std::string& bytes, SpikeRecord& record) {
  record.steps.resize(bytes.size() / spike_bytes);
  record.neurons.resize(record.steps.size());
  for (std::size_t k = 0; k < record.steps.size(); ++k) {
    std::memcpy(&record.steps[k], bytes.data() + k * spike_bytes, 8);
    std::memcpy(&record.neurons[k], bytes.data() + k * spike_bytes + 8, 4);
  }
}

}  // namespace

std::vector<std::uint32_t> indices(const View& view) {
  std::vector<std::uint32_t> result(view.size());
  for (std::uint32_t i = 0; i < result.size(); ++i) result[i] = view.index(i);
  return result;
}

SpikeRecorders::SpikeRecorders(const Network& network, const std::string& folder)
    : by_population_(network.populations().size()) {
  for (const Recorder& r : network.recorders()) {
    if (r.kind != Recorder::Kind::spikes) continue;
    const Population& p = network.populations()[r.view.population];
    Kept kept{records_.size(), p.size, {}};
    if (r.view.size() != p.size) {
      kept.neurons.resize(p.size);
      for (std::uint32_t neuron : indices(r.view)) kept.neurons[neuron] = true;
    }
    by_population_[r.view.population].push_back(std::move(kept));
    SpikeRecord record;
    record.population = p.name;
    record.size = r.view.size();
    records_.push_back(std::move(record));
    if (!folder.empty())
      files_.emplace_back(folder + "/" + name_of(files_.size()) + ".rec",
                          StreamFile::Header{{"record", "spikes"},
                                             {"population", p.name},
                                             {"size", std::to_string(r.view.size())}});
  }
}

void SpikeRecorders::add(std::uint32_t population, const std::vector<std::uint32_t>& neurons,
                         std::int64_t step) {
  for (const Kept& kept : by_population_[population]) {
    SpikeRecord& record = records_[kept.record];
    for (std::uint32_t neuron : neurons) {
      if (!kept.neurons.empty() && !kept.neurons[neuron]) continue;
      record.neurons.push_back(neuron);
      record.steps.push_back(step);
    }
  }
}

void SpikeRecorders::flush() {
  std::vector<char> bytes;
  for (std::size_t r = 0; r < files_.size(); ++r) {
    SpikeRecord& record = records_[r];
    bytes.resize(record.steps.size() * spike_bytes);
    for (std::size_t k = 0; k < record.steps.size(); ++k) {
      std::memcpy(bytes.data() + k * spike_bytes, &record.steps[k], 8);
      std::memcpy(bytes.data() + k * spike_bytes + 8, &record.neurons[k], 4);
    }
    files_[r].append(bytes.data(), bytes.size());
    record.steps.clear();
    record.neurons.clear();
  }
}

SpikeRecord SpikeRecorders::read(const std::string& path) {
  StreamFile::Header header;
  const std::string bytes = read_stream(path, header);
  SpikeRecord record;
  record.population = header["population"];
  record.size = static_cast<std::uint32_t>(whole_number(header["size"], path));
  decode(bytes, record);
  return record;
}

std::vector<SpikeRecord> SpikeRecorders::records() const {
  if (files_.empty()) return records_;
  std::vector<SpikeRecord> result;
  for (const StreamFile& file : files_) result.push_back(read(file.path()));
  return result;
}

void SpikeRecorders::clear() {
  for (SpikeRecord& record : records_) {
    record.neurons.clear();
    record.steps.clear();
  }
  for (StreamFile& file : files_) file.restart();
}

void SpikeRecorders::begin() {
  for (StreamFile& file : files_) file.begin();
  flush();
}

void SpikeRecorders::save(ArchiveWriter& out) {
  flush();
  for (std::size_t r = 0; r < records_.size(); ++r) {
    if (!files_.empty()) {
      save_stream(out, name_of(r), files_[r]);
      continue;
    }
    out.put(name_of(r) + " steps", records_[r].steps);
    out.put(name_of(r) + " neurons", records_[r].neurons);
  }
}

void SpikeRecorders::load(const ArchiveReader& in, const std::string& folder, std::int64_t now) {
  for (std::size_t r = 0; r < records_.size(); ++r) {
    if (is_streamed(in, name_of(r))) {
      if (const auto bytes =
              resume_stream(in, name_of(r), folder, files_.empty() ? nullptr : &files_[r]))
        decode(*bytes, records_[r]);
    } else {
      records_[r].steps = in.get<std::int64_t>(name_of(r) + " steps");
      records_[r].neurons =
          in.get<std::uint32_t>(name_of(r) + " neurons", records_[r].steps.size());
    }
    check(in, r, now);
  }
}

void SpikeRecorders::check(const ArchiveReader& in, std::size_t r, std::int64_t now) const {
  const SpikeRecord& record = records_[r];
  std::uint32_t size = 0;
  for (const auto& kept : by_population_)
    for (const Kept& k : kept)
      if (k.record == r) size = k.population_size;
  for (std::size_t k = 0; k < record.steps.size(); ++k)
    if (record.steps[k] < (k > 0 ? record.steps[k - 1] : 1) || record.steps[k] > now ||
        record.neurons[k] >= size)
      in.refuse(name_of(r), "a spike is out of order or of no neuron");
}

}  // namespace callosum::sim
