#include "callosum/data/hdf5_file.h"

#include <algorithm>
#include <type_traits>

#include "callosum/data/byte_reader.h"
#include "callosum/data/file_error.h"
#include "callosum/data/hdf5_handle.h"
#include "callosum/data/zip.h"

namespace callosum::data {

namespace fs = std::filesystem;
using hdf5::Id;
using hdf5::Inside;

std::mutex& Inside::mutex() {
  static std::mutex one;
  return one;
}

namespace {

template <class T>
hid_t native() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  return H5T_NATIVE_UINT16;
}

std::string place(const std::string& file, const std::string& dataset) {
  return "data set '" + dataset + "' of file '" + file + "'";
}

/// deflate cannot shrink data by more than this.
constexpr std::uint64_t most_shrinking = 1032;

/// A data set whose claimed size the file can hold.
struct Dataset {
  Dataset(hid_t file, const std::string& name, const std::string& path, std::uint64_t file_size)
      : where(place(name, path)), id(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose) {
    if (id < 0) throw file_error(where, "there is no such data set");
    const Id space(H5Dget_space(id), H5Sclose);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > 8) throw file_error(where, "its shape cannot be read");
    dims.resize(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space, dims.data(), nullptr);
    const Id type(H5Dget_type(id), H5Tclose);
    const std::uint64_t width = type < 0 ? 0 : H5Tget_size(type);
    std::uint64_t bytes = width;
    for (hsize_t n : dims)
      if (__builtin_mul_overflow(bytes, std::uint64_t{n}, &bytes)) bytes = ~std::uint64_t{0};
    const std::uint64_t stored = H5Dget_storage_size(id);
    if (width == 0 || stored > file_size || bytes / most_shrinking > stored)
      throw file_error(where, "it claims more than the file holds",
                       std::to_string(bytes) + " bytes", std::to_string(stored) + " bytes stored");
    count = static_cast<std::size_t>(bytes / width);
  }

  void read(hid_t type, void* to) const {
    if (count > 0 && H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0)
      throw file_error(where, "it cannot be read: the file is damaged or of another kind");
  }
  void require_one_dimension() const {
    if (dims.size() != 1)
      throw file_error(where, "a list was expected", std::to_string(dims.size()) + " dimensions",
                       "1 dimension");
  }
  void require_class(hid_t type, H5T_class_t first, H5T_class_t second, const char* what) const {
    const H5T_class_t kind = H5Tget_class(type);
    if (kind != first && kind != second) throw file_error(where, "it is of another kind", "", what);
  }

  std::string where;
  Id id;
  std::vector<hsize_t> dims;
  std::size_t count = 0;
};

/// Gives back what HDF5 allocated for rows and texts of variable length.
class Reclaim {
 public:
  Reclaim(const Dataset& set, hid_t type, void* data)
      : space_(H5Dget_space(set.id), H5Sclose), type_(type), data_(data) {}
  ~Reclaim() { H5Dvlen_reclaim(type_, space_, H5P_DEFAULT, data_); }

 private:
  Id space_;
  hid_t type_;
  void* data_;
};

}  // namespace

struct Hdf5File::Handle {
  std::vector<std::uint8_t> image;  ///< of a packed file
  hid_t file = -1;
  std::uint64_t size = 0;

  ~Handle() {
    const Inside inside;
    if (file >= 0) H5Fclose(file);
  }
};

Hdf5File::Hdf5File(const fs::path& path)
    : handle_(std::make_unique<Handle>()), name_(path.string()) {
  if (path.extension() == ".zip") {
    ZipFile zip(path);
    if (zip.members().size() != 1)
      throw file_error(in_file(path), "one HDF5 file was expected in the archive",
                       std::to_string(zip.members().size()) + " files", "1 file");
    handle_->image = zip.read(zip.members().front());
  } else if (path.extension() == ".gz") {
    handle_->image = ByteReader(path).rest();
  }
  const Inside inside;
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (handle_->image.empty()) {
    std::error_code problem;
    handle_->size = fs::file_size(path, problem);
    if (problem) throw file_error(in_file(path), "cannot be opened: " + problem.message());
    handle_->file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access);
  } else {
    handle_->size = handle_->image.size();
    H5Pset_fapl_core(access, 1 << 20, 0);
    H5Pset_file_image(access, handle_->image.data(), handle_->image.size());
    handle_->file = H5Fopen(path.filename().c_str(), H5F_ACC_RDONLY, access);
    handle_->image = {};  // HDF5 has made a copy
  }
  if (handle_->file < 0) throw file_error(in_file(path), "this is no HDF5 file, or it is damaged");
}

Hdf5File::~Hdf5File() = default;
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;

bool Hdf5File::has(const std::string& dataset) const {
  const Inside inside;
  const Id id(H5Dopen2(handle_->file, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  return id >= 0;
}

bool Hdf5File::is_group(const std::string& path) const {
  const Inside inside;
  const Id id(H5Gopen2(handle_->file, path.c_str(), H5P_DEFAULT), H5Gclose);
  return id >= 0;
}

bool Hdf5File::is_text(const std::string& dataset) const {
  const Inside inside;
  const Dataset set(handle_->file, name_, dataset, handle_->size);
  const Id type(H5Dget_type(set.id), H5Tclose);
  return H5Tget_class(type) == H5T_STRING;
}

bool Hdf5File::is_whole(const std::string& dataset) const {
  const Inside inside;
  const Dataset set(handle_->file, name_, dataset, handle_->size);
  const Id type(H5Dget_type(set.id), H5Tclose);
  return H5Tget_class(type) == H5T_INTEGER;
}

std::vector<std::string> Hdf5File::children(const std::string& group) const {
  const Inside inside;
  const Id id(H5Gopen2(handle_->file, group.c_str(), H5P_DEFAULT), H5Gclose);
  if (id < 0) throw file_error(place(name_, group), "there is no such group");
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
    static_cast<std::vector<std::string>*>(to)->emplace_back(name);
    return 0;
  };
  if (H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names) < 0)
    throw file_error(place(name_, group), "its members cannot be listed");
  return names;
}

std::vector<std::size_t> Hdf5File::shape(const std::string& dataset) const {
  const Inside inside;
  const Dataset set(handle_->file, name_, dataset, handle_->size);
  return {set.dims.begin(), set.dims.end()};
}

std::vector<double> Hdf5File::numbers(const std::string& dataset) const {
  const Inside inside;
  const Dataset set(handle_->file, name_, dataset, handle_->size);
  const Id type(H5Dget_type(set.id), H5Tclose);
  set.require_class(type, H5T_INTEGER, H5T_FLOAT, "numbers");
  std::vector<double> out(set.count);
  set.read(H5T_NATIVE_DOUBLE, out.data());
  return out;
}

template <class T>
std::vector<std::vector<T>> Hdf5File::rows(const std::string& dataset) const {
  const Inside inside;
  const Dataset set(handle_->file, name_, dataset, handle_->size);
  set.require_one_dimension();
  const Id stored(H5Dget_type(set.id), H5Tclose);
  set.require_class(stored, H5T_VLEN, H5T_VLEN, "rows of numbers");
  const Id element(H5Tget_super(stored), H5Tclose);
  set.require_class(element, H5T_INTEGER, H5T_FLOAT, "rows of numbers");
  const Id type(H5Tvlen_create(native<T>()), H5Tclose);
  std::vector<hvl_t> raw(set.count, hvl_t{0, nullptr});
  const Reclaim reclaim(set, type, raw.data());
  set.read(type, raw.data());
  std::vector<std::vector<T>> out;
  out.reserve(raw.size());
  for (const hvl_t& row : raw) {
    const T* const begin = static_cast<const T*>(row.p);
    out.emplace_back(begin, begin + (begin ? row.len : 0));
  }
  return out;
}
template std::vector<std::vector<float>> Hdf5File::rows(const std::string&) const;
template std::vector<std::vector<std::uint16_t>> Hdf5File::rows(const std::string&) const;

std::vector<std::string> Hdf5File::texts(const std::string& dataset) const {
  const Inside inside;
  const Dataset set(handle_->file, name_, dataset, handle_->size);
  const Id stored(H5Dget_type(set.id), H5Tclose);
  set.require_class(stored, H5T_STRING, H5T_STRING, "texts");
  std::vector<std::string> out;
  if (H5Tis_variable_str(stored) > 0) {
    std::vector<char*> raw(set.count, nullptr);
    const Reclaim reclaim(set, stored, raw.data());
    set.read(stored, raw.data());
    for (const char* text : raw) out.emplace_back(text ? text : "");
    return out;
  }
  const std::size_t width = H5Tget_size(stored);
  std::string raw(set.count * width, '\0');
  set.read(stored, raw.data());
  for (std::size_t i = 0; i < set.count; ++i) {
    const std::string one = raw.substr(i * width, width);
    out.push_back(one.substr(0, one.find('\0')));
  }
  return out;
}

std::string Hdf5File::attribute(const std::string& path, const std::string& name) const {
  const Inside inside;
  const Id id(H5Aopen_by_name(handle_->file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
              H5Aclose);
  if (id < 0) return "";
  const Id type(H5Aget_type(id), H5Tclose), space(H5Aget_space(id), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (H5Tget_class(type) != H5T_STRING || count != 1) return "";
  if (H5Tis_variable_str(type) > 0) {
    char* raw = nullptr;
    std::string text = H5Aread(id, type, &raw) >= 0 && raw != nullptr ? raw : "";
    if (raw != nullptr) H5Dvlen_reclaim(type, space, H5P_DEFAULT, &raw);
    return text;
  }
  const std::size_t width = H5Tget_size(type);
  if (width > 65536) return "";  // attributes are small; a damaged file may claim anything
  std::string raw(width, '\0');
  if (H5Aread(id, type, raw.data()) < 0) return "";
  return raw.substr(0, raw.find('\0'));
}

}  // namespace callosum::data
