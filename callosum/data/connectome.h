#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/locate.h"

namespace callosum::data {

/// Contacts between named cells.
struct Connectome {
  struct Edge {
    std::uint32_t from = 0, to = 0;  ///< indices into `cells`
    double weight = 0;               ///< synapses or sections, as the table counts them; > 0
    bool electrical = false;         ///< gap junction; stands once for each direction
    bool operator==(const Edge&) const = default;
  };
  std::vector<std::string> cells;  ///< by name
  std::vector<Edge> edges;         ///< by (from, to, electrical), none doubled
  Location source = {};

  /// \throws NameError with the nearest name.
  std::uint32_t cell(std::string_view name) const;
  std::size_t chemical() const;  ///< how many edges
  /// Weights from rows to columns, [cell][cell].
  std::vector<float> matrix(bool electrical) const;
};

/// A table of edges: pre, post, then count and type in either order, whatever its columns are
/// called (c302). Equal chemical edges are added; an electrical contact, which some tables hold in
/// one direction and some in both, gets the larger of its two counts in both.
/// \throws FileError for a type other than chemical and electrical, or a count that is not > 0.
Connectome read_connectome(const std::filesystem::path& path);

/// "celegans-connectome"; `table`: "herm_full_edgelist" (Cook et al. 2019, with muscles and other
/// end organs), "aconnectome_white_1986_whole", "..._A" (adult), "..._L4" (larva).
Connectome load_connectome(std::string_view name, std::string_view table = "herm_full_edgelist",
                           Need need = Need::any);

}  // namespace callosum::data
