#include "callosum/data/hdf5_writer.h"

#include "callosum/data/file_error.h"
#include "callosum/data/hdf5_handle.h"

namespace callosum::data {

using hdf5::Id;
using hdf5::Inside;
namespace fs = std::filesystem;

struct Hdf5Writer::Handle {
  fs::path path, unfinished;
  hid_t file = -1;

  ~Handle() {
    const Inside inside;
    if (file >= 0) H5Fclose(file);
    std::error_code ignored;
    if (!unfinished.empty()) fs::remove(unfinished, ignored);
  }
  /// An attribute of these values, which `given` describes in memory.
  void attach(const std::string& at, const std::string& name, hid_t stored, hid_t given,
              const std::vector<std::size_t>& shape, const void* values) const {
    const Inside inside;
    const Id space = space_of(shape);
    const Id made(H5Acreate_by_name(file, at.c_str(), name.c_str(), stored, space, H5P_DEFAULT,
                                    H5P_DEFAULT, H5P_DEFAULT),
                  H5Aclose);
    if (made < 0 || H5Awrite(made, given, values) < 0) fail("attribute '" + name + "'");
  }
  static Id space_of(const std::vector<std::size_t>& shape) {
    const std::vector<hsize_t> dims(shape.begin(), shape.end());
    return {dims.empty() ? H5Screate(H5S_SCALAR)
                         : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
            H5Sclose};
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw file_error(in_file(path), "cannot be written: " + what);
  }
  void put(const std::string& at, hid_t stored, hid_t given, const std::vector<std::size_t>& shape,
           const void* values, bool compress) const {
    const Inside inside;
    std::vector<hsize_t> dims(shape.begin(), shape.end());
    std::size_t count = 1;
    for (std::size_t n : shape) count *= n;
    const Id space = space_of(shape);
    const Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (compress && !dims.empty() && count > 1) {
      H5Pset_chunk(creation, static_cast<int>(dims.size()), dims.data());
      H5Pset_deflate(creation, 4);
    }
    const Id set(H5Dcreate2(file, at.c_str(), stored, space, links, creation, H5P_DEFAULT),
                 H5Dclose);
    if (set < 0) fail("data set '" + at + "'");
    if (count > 0 && H5Dwrite(set, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
      fail("data set '" + at + "'");
  }
};

namespace {

Id text_type() {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return {type, H5Tclose};
}

hid_t stored_type(Hdf5Number number) {
  switch (number) {
    case Hdf5Number::real:
      return H5T_IEEE_F64LE;
    case Hdf5Number::int64:
      return H5T_STD_I64LE;
    case Hdf5Number::uint64:
      return H5T_STD_U64LE;
    case Hdf5Number::uint32:
      return H5T_STD_U32LE;
    case Hdf5Number::uint8:
      return H5T_STD_U8LE;
  }
  return H5T_IEEE_F64LE;
}

}  // namespace

Hdf5Writer::Hdf5Writer(const fs::path& path) : handle_(std::make_unique<Handle>()) {
  handle_->path = path;
  handle_->unfinished = path.string() + ".part";
  const Inside inside;
  handle_->file = H5Fcreate(handle_->unfinished.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  if (handle_->file < 0) {
    handle_->unfinished.clear();
    handle_->fail("the file cannot be made");
  }
}
Hdf5Writer::~Hdf5Writer() = default;

void Hdf5Writer::group(const std::string& path) {
  const Inside inside;
  const Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Id made(H5Gcreate2(handle_->file, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  if (made < 0) handle_->fail("group '" + path + "'");
}

void Hdf5Writer::numbers(const std::string& path, const std::vector<std::size_t>& shape,
                         const std::vector<double>& values, bool whole, bool compress) {
  numbers(path, shape, values, whole ? Hdf5Number::int64 : Hdf5Number::real, compress);
}

void Hdf5Writer::numbers(const std::string& path, const std::vector<std::size_t>& shape,
                         const std::vector<double>& values, Hdf5Number stored, bool compress) {
  handle_->put(path, stored_type(stored), H5T_NATIVE_DOUBLE, shape, values.data(), compress);
}

void Hdf5Writer::texts(const std::string& path, const std::vector<std::size_t>& shape,
                       const std::vector<std::string>& values) {
  std::vector<const char*> raw;
  for (const std::string& text : values) raw.push_back(text.c_str());
  const Id type = text_type();
  handle_->put(path, type, type, shape, raw.data(), false);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name,
                           const std::string& text) {
  const Id type = text_type();
  const char* raw = text.c_str();
  handle_->attach(path, name, type, type, {}, &raw);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name,
                           const std::vector<std::string>& texts) {
  std::vector<const char*> raw;
  for (const std::string& text : texts) raw.push_back(text.c_str());
  const Id type = text_type();
  handle_->attach(path, name, type, type, {texts.size()}, raw.data());
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name,
                           const std::vector<std::size_t>& shape, const std::vector<double>& values,
                           Hdf5Number stored) {
  handle_->attach(path, name, stored_type(stored), H5T_NATIVE_DOUBLE, shape, values.data());
}

void Hdf5Writer::enumeration(const std::string& path, const std::string& name,
                             const std::vector<std::string>& names, std::uint8_t chosen) {
  const Id type(H5Tenum_create(H5T_STD_U8LE), H5Tclose);
  for (std::uint8_t k = 0; k < names.size(); ++k) H5Tenum_insert(type, names[k].c_str(), &k);
  handle_->attach(path, name, type, type, {}, &chosen);
}

void Hdf5Writer::reference(const std::string& path, const std::string& name,
                           const std::string& target) {
  hobj_ref_t to = 0;
  {
    const Inside inside;
    if (H5Rcreate(&to, handle_->file, target.c_str(), H5R_OBJECT, -1) < 0)
      handle_->fail("reference to '" + target + "'");
  }
  handle_->attach(path, name, H5T_STD_REF_OBJ, H5T_STD_REF_OBJ, {}, &to);
}

void Hdf5Writer::commit() {
  {
    const Inside inside;
    const herr_t closed = H5Fclose(handle_->file);
    handle_->file = -1;
    if (closed < 0) handle_->fail("the device may be full");
  }
  std::error_code problem;
  fs::rename(handle_->unfinished, handle_->path, problem);
  if (problem) handle_->fail(problem.message());
  handle_->unfinished.clear();
}

}  // namespace callosum::data
