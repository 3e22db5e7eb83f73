#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace callosum::data {

/// How numbers are stored.
enum class Hdf5Number { real, int64, uint64, uint32, uint8 };

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
  void numbers(const std::string& path, const std::vector<std::size_t>& shape,
               const std::vector<double>& values, Hdf5Number stored, bool compress = false);
  /// Texts of variable length in UTF-8, row-major; no dimensions: a single one.
  void texts(const std::string& path, const std::vector<std::size_t>& shape,
             const std::vector<std::string>& values);
  /// An attribute of a group or data set: a text.
  void attribute(const std::string& path, const std::string& name, const std::string& text);
  /// A list of texts.
  void attribute(const std::string& path, const std::string& name,
                 const std::vector<std::string>& texts);
  /// Numbers; no dimensions: a single one.
  void attribute(const std::string& path, const std::string& name,
                 const std::vector<std::size_t>& shape, const std::vector<double>& values,
                 Hdf5Number stored);
  /// One of an enumeration's names, which are numbered from 0.
  void enumeration(const std::string& path, const std::string& name,
                   const std::vector<std::string>& names, std::uint8_t chosen);
  /// A reference to the object at `target`, which is in the file already.
  void reference(const std::string& path, const std::string& name, const std::string& target);
  void commit();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace callosum::data
