#include "callosum/sim/checkpoint.h"

#include <filesystem>

namespace callosum {

CheckpointInfo read_checkpoint(const std::string& path) {
  return sim::checkpoint_info(ArchiveReader(path, sim::checkpoint_kind, sim::checkpoint_version));
}

namespace sim {

namespace fs = std::filesystem;

CheckpointInfo checkpoint_info(const ArchiveReader& in) {
  CheckpointInfo info;
  info.network = in.text("network");
  info.network_hash = in.value<std::uint64_t>("network hash");
  info.seed = in.value<std::uint64_t>("seed");
  info.dt_ms = in.value<double>("dt ms");
  const auto bytes = in.value<std::uint32_t>("precision bytes");
  if (bytes != 4 && bytes != 8)
    in.refuse("precision bytes", "there is no such precision", std::to_string(bytes), "4 or 8");
  info.precision = bytes == 4 ? Precision::single : Precision::twofold;
  if (in.has("replica")) info.replica = in.value<std::uint32_t>("replica");
  info.step = in.value<std::int64_t>("step");
  return info;
}

void put_checkpoint_info(ArchiveWriter& out, const CheckpointInfo& info) {
  out.put("network", info.network);
  out.put("network hash", info.network_hash);
  out.put("seed", info.seed);
  if (info.replica != 0) out.put("replica", info.replica);
  out.put("dt ms", info.dt_ms);
  out.put("precision bytes", info.precision == Precision::single ? 4u : 8u);
}

std::string recordings_folder(const ArchiveReader& in) {
  const std::string folder = in.text("recordings");
  return folder.empty() ? folder : (fs::path(in.path()).parent_path() / folder).string();
}

void put_recordings_folder(ArchiveWriter& out, const std::string& checkpoint,
                           const std::string& folder) {
  const fs::path base = fs::absolute(checkpoint).parent_path();
  out.put("recordings",
          folder.empty() ? folder : fs::absolute(folder).lexically_proximate(base).string());
}

}  // namespace sim
}  // namespace callosum
