#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace callosum::data {

/// What a zip archive says of one of its files.
struct ZipMember {
  std::string name;
  std::uint64_t bytes = 0;   ///< unpacked
  std::uint64_t packed = 0;  ///< as it lies in the archive
  std::uint64_t header = 0;  ///< where its local header begins
  std::uint32_t crc = 0;
  int method = 0;  ///< 0: stored, 8: deflated
};

/// A zip archive (PKWARE APPNOTE 6.3, with its 64-bit sizes), read by its directory. Members are
/// unpacked one at a time; one that claims more than it holds costs no memory.
class ZipFile {
 public:
  /// \throws FileError when `path` cannot be read or is no zip archive.
  explicit ZipFile(const std::filesystem::path& path);
  /// Reads `bytes`, which must outlive it; `name` stands in errors.
  ZipFile(std::span<const std::uint8_t> bytes, std::string name);
  ZipFile(ZipFile&&) noexcept;
  ~ZipFile();

  const std::string& name() const { return name_; }
  const std::vector<ZipMember>& members() const { return members_; }

  /// The content, its checksum verified. \throws FileError for a damaged member or one of more than
  /// `limit` bytes; UnsupportedError for a coding other than stored and deflated.
  std::vector<std::uint8_t> read(const ZipMember& member,
                                 std::uint64_t limit = std::uint64_t{1} << 32);

 private:
  struct Source;
  void read_directory();

  std::unique_ptr<Source> source_;
  std::string name_;
  std::vector<ZipMember> members_;
};

}  // namespace callosum::data
