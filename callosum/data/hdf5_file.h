#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace callosum::data {

/// An HDF5 file, opened to be read; ".gz" and ".zip" (its only member) are unpacked into memory
/// first. One thread at a time is inside the HDF5 library. Sizes a file claims but cannot hold are
/// refused before they are believed.
class Hdf5File {
 public:
  /// \throws FileError when it is missing or no HDF5 file.
  explicit Hdf5File(const std::filesystem::path& path);
  ~Hdf5File();
  Hdf5File(Hdf5File&&) noexcept;

  const std::string& name() const { return name_; }
  bool has(const std::string& dataset) const;
  bool is_group(const std::string& path) const;
  bool is_text(const std::string& dataset) const;   ///< \throws FileError, as all below
  bool is_whole(const std::string& dataset) const;  ///< of whole numbers
  /// Names of the data sets and groups in a group, ascending.
  std::vector<std::string> children(const std::string& group) const;
  std::vector<std::size_t> shape(const std::string& dataset) const;
  /// A data set of numbers of any rank, row-major, as doubles.
  /// \throws FileError when it is missing, cut off, or of another kind.
  std::vector<double> numbers(const std::string& dataset) const;
  /// A one-dimensional data set of rows of numbers (variable length), converted to T.
  template <class T>
  std::vector<std::vector<T>> rows(const std::string& dataset) const;
  /// A data set of texts (fixed or variable length) of any rank, row-major.
  std::vector<std::string> texts(const std::string& dataset) const;
  /// A text that is an attribute of a data set or group; "" where there is none of that name, or it
  /// is no single text.
  std::string attribute(const std::string& path, const std::string& name) const;

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  std::string name_;
};

/// One data set of numbers of a file: what format::read_network takes to read arrays.
inline std::vector<double> read_hdf5_numbers(const std::string& path, const std::string& dataset) {
  return Hdf5File(path).numbers(dataset);
}

}  // namespace callosum::data
