#pragma once

#include <hdf5.h>

#include <mutex>

/// What source files that use the HDF5 library share. Never included by a public header.
namespace callosum::data::hdf5 {

/// The lock on the HDF5 library, with its own messages on the terminal switched off.
class Inside {
 public:
  Inside() : lock_(mutex()) {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Inside() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }
  Inside(const Inside&) = delete;

 private:
  static std::mutex& mutex();
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// An HDF5 identifier that is closed at the end of its scope.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  Id(const Id&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

}  // namespace callosum::data::hdf5
