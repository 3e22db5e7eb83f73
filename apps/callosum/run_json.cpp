#include <nlohmann/json.hpp>

#include "run_result.h"

namespace callosum::app {

std::string json_text(const RunResult& result) {
  const RunStatistics& s = result.statistics;
  nlohmann::ordered_json json;
  json["network"] = result.recording.network;
  json["neurons"] = s.neurons;
  json["synapses"] = s.synapses;
  json["seed"] = result.recording.seed;
  json["replica"] = result.recording.replica;
  json["threads"] = result.threads;
  json["ranks"] = result.ranks;
  json["precision"] = name(result.precision);
  json["dt_ms"] = result.recording.dt_ms;
  json["biological_ms"] = result.biological_ms();
  json["compile_s"] = s.compile_s;
  json["build_s"] = s.build_s;
  json["simulate_s"] = s.simulate_s;
  json["real_time_factor"] = result.real_time_factor();
  json["synaptic_events"] = s.synaptic_events;
  json["plastic_updates"] = s.plastic_updates;
  json["spikes"] = s.spikes;
  json["spike_hash"] = std::to_string(s.spike_hash);
  json["peak_rss_bytes"] = static_cast<std::uint64_t>(result.peak_rss_bytes);
  json["bytes_per_synapse"] = result.bytes_per_synapse();
  json["populations"] = nlohmann::ordered_json::array();
  for (const PopulationSummary& p : result.recording.populations)
    json["populations"].push_back(
        {{"name", p.name}, {"size", p.size}, {"rate_hz", p.rate_hz}, {"cv_isi", p.cv_isi}});
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string json_text(const Network& network, const Estimate& estimate) {
  nlohmann::ordered_json json;
  json["network"] = network.name();
  json["neurons"] = network.neurons();
  json["synapses"] = estimate.synapses;
  json["bytes"] = estimate.bytes;
  json["bytes_synapses"] = estimate.bytes_synapses;
  json["bytes_neurons"] = estimate.bytes_neurons;
  json["bytes_recording_per_second"] = estimate.bytes_recording_per_second;
  json["layouts"] = nlohmann::ordered_json::array();
  for (const Estimate::Layout& l : estimate.layouts)
    json["layouts"].push_back({{"name", l.name},
                               {"projections", l.projections},
                               {"synapses", l.synapses},
                               {"bytes", l.bytes}});
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace callosum::app
