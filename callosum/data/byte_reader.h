#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "callosum/core/error.h"

namespace callosum::data {

/// Reads a file or a block of memory from front to back. Gzip is undone on the way, with its
/// checksum verified. What is read is what is there: a header that claims more than the file holds
/// costs no memory, it is a FileError saying how much was expected.
class ByteReader {
 public:
  /// \throws FileError when `path` is missing, a folder or unreadable.
  explicit ByteReader(const std::filesystem::path& path);
  /// Reads `bytes`, which must outlive the reader; `name` stands in errors.
  ByteReader(std::span<const std::uint8_t> bytes, std::string name);
  ByteReader(ByteReader&&) noexcept;
  ~ByteReader();

  const std::string& name() const { return name_; }
  std::uint64_t position() const { return position_; }  ///< bytes read so far

  /// Exactly `count` bytes; `what` names them in the error of a file that ends before.
  std::vector<std::uint8_t> take(std::uint64_t count, const char* what);
  /// At most `count` bytes: fewer only at the end.
  std::vector<std::uint8_t> take_up_to(std::uint64_t count);
  void skip(std::uint64_t count, const char* what);
  /// All that is left. \throws FileError beyond `limit` bytes.
  std::vector<std::uint8_t> rest(std::uint64_t limit = std::uint64_t{1} << 32);
  bool at_end();
  /// \throws FileError when anything is left after what the format describes.
  void expect_end();

  std::uint8_t byte(const char* what) { return take(1, what)[0]; }
  std::uint32_t u32_big(const char* what);     ///< big-endian
  std::uint32_t u32_little(const char* what);  ///< little-endian

  /// An error about this file, at the position reached.
  FileError error(std::string what, std::string got = {}, std::string expected = {}) const;

 private:
  struct Source;
  std::size_t fill(std::uint8_t* to, std::size_t count);

  std::unique_ptr<Source> source_;
  std::string name_;
  std::uint64_t position_ = 0;
  int ahead_ = -1;  ///< a byte read to see whether there is one
};

/// The whole of a file, gzip undone. \throws FileError beyond `limit` bytes.
std::string read_text(const std::filesystem::path& path,
                      std::uint64_t limit = std::uint64_t{1} << 30);

}  // namespace callosum::data
