#pragma once

#include <string>

#include "callosum/data/hdf5_writer.h"

namespace callosum::sonata {

/// The attributes by which a SONATA file is known: magic and version.
inline void mark(data::Hdf5Writer& out) {
  out.attribute("/", "magic", {}, {0x0A7A}, data::Hdf5Number::uint32);
  out.attribute("/", "version", {2}, {0, 1}, data::Hdf5Number::uint32);
}

/// A name as that of a group: '/' would open another one.
inline std::string group_name(std::string name) {
  for (char& c : name)
    if (c == '/') c = '_';
  return name.empty() || name == "." ? "_" : name;
}

}  // namespace callosum::sonata
