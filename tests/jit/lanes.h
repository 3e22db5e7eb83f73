#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "callosum/model/interpret.h"
#include "callosum/model/program.h"

namespace callosum::test {

/// 64-byte aligned numbers.
template <class T>
class Column {
 public:
  explicit Column(std::int64_t size) : size_(size), data_(allocate(size)) {
    std::memset(data_.get(), 0, bytes());
  }
  Column(const Column& other) : Column(other.size_) {
    std::memcpy(data_.get(), other.data_.get(), bytes());
  }
  Column(Column&&) = default;

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::span<T> values() { return {data_.get(), static_cast<std::size_t>(size_)}; }
  std::span<const T> values() const { return {data_.get(), static_cast<std::size_t>(size_)}; }

 private:
  struct Free {
    void operator()(T* data) const { ::operator delete (data, std::align_val_t{64}); }
  };
  static T* allocate(std::int64_t size) {
    return static_cast<T*>(
        ::operator new (static_cast<std::size_t>(size) * sizeof(T), std::align_val_t{64}));
  }
  std::size_t bytes() const { return static_cast<std::size_t>(size_) * sizeof(T); }

  std::int64_t size_;
  std::unique_ptr<T, Free> data_;
};

/// All that a program of precision T runs on.
template <class T>
class Lanes {
 public:
  Lanes(const model::Program& program, std::int64_t size)
      : program_(&program), size_(size), uniforms_(program.slots.size()) {
    for (std::size_t s = 0; s < program.slots.size(); ++s) columns_.emplace_back(size);
    for (std::size_t m = 0; m < program.masks.size(); ++m) masks_.emplace_back(size / 64);
  }

  std::int64_t size() const { return size_; }
  std::span<T> column(std::string_view slot) { return columns_.at(index(slot)).values(); }
  std::span<T> column(std::size_t slot) { return columns_.at(slot).values(); }
  T& uniform(std::string_view slot) { return uniforms_.at(index(slot)); }
  T& uniform(std::size_t slot) { return uniforms_.at(slot); }
  std::span<std::uint64_t> mask(std::size_t m) { return masks_.at(m).values(); }

  /// Calls `run(arguments)`; columns of slots that all lanes share are null.
  template <class Run>
  void with(Run run) {
    std::vector<void*> columns;
    for (std::size_t s = 0; s < columns_.size(); ++s)
      columns.push_back(program_->slots[s].lane ? columns_[s].data() : nullptr);
    std::vector<std::uint64_t*> masks;
    for (auto& m : masks_) masks.push_back(m.data());
    run(model::Arguments{columns.data(), uniforms_.data(), masks.data()});
  }

 private:
  std::size_t index(std::string_view slot) const {
    return static_cast<std::size_t>(program_->index(slot));
  }

  const model::Program* program_;
  std::int64_t size_;
  std::vector<Column<T>> columns_;
  std::vector<T> uniforms_;
  std::vector<Column<std::uint64_t>> masks_;
};

}  // namespace callosum::test
