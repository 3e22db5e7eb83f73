#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace callosum::data {

/// An HDF5 file that is written. It appears under its name, whole, at commit(), or not at all.
/// Groups on the way to a data set are made. All throw FileError naming the file.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::filesystem::path& path);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;

  void group(const std::string& path);
  /// Numbers, row-major; no dimensions: a single one. Whole numbers are stored as 64-bit integers.
  /// `compress`: with deflate, in one chunk.
  void numbers(const std::string& path, const std::vector<std::size_t>& shape,
               const std::vector<double>& values, bool whole = false, bool compress = false);
  /// Texts of variable length in UTF-8, row-major; no dimensions: a single one.
  void texts(const std::string& path, const std::vector<std::size_t>& shape,
             const std::vector<std::string>& values);
  /// An attribute of a group or data set: a text.
  void attribute(const std::string& path, const std::string& name, const std::string& text);
  void commit();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace callosum::data
