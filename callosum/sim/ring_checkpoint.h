#pragma once

#include <string>

#include "callosum/core/archive.h"
#include "callosum/sim/ring.h"

namespace callosum::sim {

/// What is on its way to lanes [begin, end) of a ring at the start of step `now`: the slots that
/// are not all zero, by how many steps ahead they lie. Another ring may hold more slots or fewer,
/// in other slices.
template <class T>
void save_arrivals(ArchiveWriter& out, const std::string& name, Ring<T>& ring, std::uint32_t begin,
                   std::uint32_t end, std::int64_t now);
template <class T>
void load_arrivals(const ArchiveReader& in, const std::string& name, Ring<T>& ring,
                   std::uint32_t begin, std::uint32_t end, std::int64_t now);

}  // namespace callosum::sim
