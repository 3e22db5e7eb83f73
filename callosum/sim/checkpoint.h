#pragma once

#include <cstdint>
#include <string>

#include "callosum/core/archive.h"
#include "callosum/core/precision.h"

namespace callosum {

/// What a checkpoint is of.
struct CheckpointInfo {
  std::string network;  ///< its name
  std::uint64_t network_hash = 0, seed = 0;
  double dt_ms = 0;
  Precision precision = Precision::single;
  std::int64_t step = 0;
  std::uint32_t replica = 0;
};

/// Reads the head of a checkpoint; all of its checksums are verified. Throws FileError for a file
/// that is missing, torn, damaged, of another kind or of another version.
CheckpointInfo read_checkpoint(const std::string& path);

namespace sim {

inline constexpr char checkpoint_kind[] = "checkpoint";
inline constexpr int checkpoint_version = 1;

CheckpointInfo checkpoint_info(const ArchiveReader& in);
void put_checkpoint_info(ArchiveWriter& out, const CheckpointInfo& info);

/// Where the recordings of a checkpoint were streamed to, kept relative to the checkpoint so that
/// both may be moved together; "" when they are in the checkpoint.
std::string recordings_folder(const ArchiveReader& in);
void put_recordings_folder(ArchiveWriter& out, const std::string& checkpoint,
                           const std::string& folder);

}  // namespace sim
}  // namespace callosum
