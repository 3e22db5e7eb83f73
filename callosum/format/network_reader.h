#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "callosum/format/document.h"
#include "callosum/format/findings.h"
#include "callosum/format/network_file.h"
#include "callosum/format/value_reader.h"

namespace callosum::format {

/// Part of a population as a file names it: "exc", "exc[0:100]".
struct Part {
  View view;
  std::string name;       ///< of the population
  double full_size = 0;   ///< neurons of the part at scale 1
  double full_total = 0;  ///< neurons of the population at scale 1
};

/// What `--scale` does (docs/guide/network-file.md): sizes and in-degrees times `scale`. With
/// `preserve`, weights times 1/sqrt(scale) and a constant current make up for the lost input, after
/// Potjans and Diesmann (2014) and van Albada, Helias and Diesmann (2015).
struct Scaling {
  double scale = 1;
  bool preserve = false;
  std::map<std::string, Quantity> mean_rates;  ///< of the full network, by population
  std::string current;                         ///< parameter that takes the missing input
  std::string tau_syn;                         ///< parameter: charge of a weight = weight * tau_syn
};

/// Reads one document into a network: a pass over each section, all errors kept.
class NetworkReader {
 public:
  NetworkReader(const Document& document, const NetworkOverrides& overrides);
  /// Throws what was found wrong.
  NetworkFile read();

 private:
  struct Known {
    std::uint32_t full_size = 0;
    bool failed = false;
  };

  void read_head();
  void read_variables();
  void read_scaling();
  void read_run();
  std::uint64_t run_number(const Node& table, const char* key, std::uint64_t least,
                           std::uint64_t most);
  void read_models();
  void read_populations();
  void read_population(const Node& node);
  void read_spikes(const Node& node, const std::string& where, std::uint32_t size);
  std::optional<Space> read_space(const Node& node, const std::string& where);
  std::map<std::string, Values> read_assignments(const Node* node, const std::string& population,
                                                 const model::Model& model, bool states);
  void read_projections();
  void read_projection(const Node& node, std::size_t number);
  /// Unless `sound`, what the keys say is checked and nothing is connected: a key that is misspelt
  /// must not be told again as missing.
  void connect_pair(const Node& node, const std::string& where, const Part& from, const Part& to,
                    const PairIndex& pair, bool sound);
  /// What linked variables of the synapses onto `to` read; whether all could be read.
  bool read_links(const Node& node, const std::string& where, const Part& to,
                  SynapseOptions& options);
  void read_stimuli();
  void stimulate(const Node& node, const std::string& where, const Part& to);
  void read_records();
  void finish_scaling();
  void check_overrides();

  std::optional<model::Model> find_model(const Node& node, const std::string& where);
  /// The rule of one pair at the current scale. `indegree` is the expected one at scale 1. No rule,
  /// and no finding, where the number or probability is zero.
  std::optional<Rule> read_rule(const Node& node, const std::string& where, const Part& from,
                                const Part& to, double& indegree, bool& scales);
  /// A probability or a number of synapses; sets the expected in-degree at scale 1.
  std::optional<Rule> counted_rule(const Node& entry, const std::string& at, const Part& from,
                                   const Part& to, double& indegree);
  std::optional<Rule> explicit_rule(const Node& entry, const std::string& at);
  std::optional<Rule> distance_rule(const Node& entry, const std::string& at);
  bool read_indices(const Node& list, const std::string& at, std::vector<std::uint64_t>& out);
  std::optional<std::vector<Part>> read_parts(const Node& node, const std::string& where,
                                              bool scaled);
  std::optional<Part> read_part(const Node& node, const std::string& where, bool scaled);
  std::optional<Part> part_of(const std::string& text, const Node& node, const std::string& where,
                              bool scaled);
  std::optional<std::int64_t> steps(const Node& node, const std::string& where);
  /// `node` with the entries that --set gives for the object called `name`.
  Node with_overrides(const Node& node, const std::string& name);
  double scaled_count(double count) const;
  void add_input(const Part& to, Quantity mean_weight, double indegree, Quantity rate);
  Values scaled_weight(const Values& weight) const;

  const Document& document_;
  const NetworkOverrides& overrides_;
  Findings findings_;
  ValueReader values_;
  Scaling scaling_;
  NetworkFile file_;
  std::map<std::string, model::Model> models_;
  std::set<std::string> failed_models_;
  std::map<std::string, Known> populations_;
  std::map<std::uint32_t, Quantity> missing_input_;  ///< population -> sum of weight * K * rate
  std::set<std::string> used_overrides_;
};

}  // namespace callosum::format
