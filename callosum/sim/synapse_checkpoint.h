#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "callosum/core/archive.h"
#include "callosum/sim/synapse_order.h"

namespace callosum::sim {

/// The name of what a checkpoint keeps of a block of targets.
using BlockName = std::function<std::string(std::uint32_t block)>;

/// Puts one number a synapse into a checkpoint, a record for each block of targets of the segment,
/// in order of sources and draws.
template <class T>
void save_column(ArchiveWriter& out, const Connectivity& connectivity, const Segment& segment,
                 const BlockName& name, const std::vector<T>& values) {
  std::map<std::uint32_t, std::vector<T>> blocks;
  for_each_drawn(connectivity, segment, [&](const DrawnSynapse& synapse) {
    blocks[synapse.block].push_back(values[synapse.stored]);
  });
  for (const auto& [block, column] : blocks) out.put(name(block), column);
}

/// Reads it back; blocks that are absent keep what `values` holds. Throws FileError for a record of
/// another length.
template <class T>
void load_column(const ArchiveReader& in, const Connectivity& connectivity, const Segment& segment,
                 const BlockName& name, std::vector<T>& values) {
  std::map<std::uint32_t, std::vector<T>> blocks;
  for (std::uint32_t b = segment.begin / block_size; b * block_size < segment.end; ++b)
    if (in.has(name(b))) blocks[b] = in.get<T>(name(b));
  if (blocks.empty()) return;
  std::map<std::uint32_t, std::size_t> read;
  for_each_drawn(connectivity, segment, [&](const DrawnSynapse& synapse) {
    const auto column = blocks.find(synapse.block);
    if (column == blocks.end()) return;
    const std::size_t at = read[synapse.block]++;
    if (at < column->second.size()) values[synapse.stored] = column->second[at];
  });
  for (const auto& [block, column] : blocks)
    if (column.size() != read[block])
      in.refuse(name(block), "its length is wrong", std::to_string(column.size()),
                std::to_string(read[block]));
}

}  // namespace callosum::sim
