#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace callosum::sim {

/// Zeroed memory on a 64-byte boundary. What is large stands in huge pages where the system has
/// them, since synapses are read in random order, and is given memory only as it is written.
template <class T>
class Aligned {
 public:
  Aligned() = default;
  explicit Aligned(std::size_t size) : size_(size) {
    const std::size_t bytes = (size * sizeof(T) + 63) / 64 * 64;
    if (bytes == 0) return;
    if (bytes >= page) {
      map(bytes);
      return;
    }
    data_.reset(static_cast<T*>(std::aligned_alloc(64, bytes)));
    if (!data_) throw std::bad_alloc();
    std::memset(static_cast<void*>(data_.get()), 0, bytes);
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const { return size_ * sizeof(T); }
  /// Keeps the first elements; whole pages after them go back to the system.
  void shrink(std::size_t size) {
    size_ = size;
    std::size_t& mapped = data_.get_deleter().mapped;
    const std::size_t kept = (size * sizeof(T) + 4095) / 4096 * 4096;
    if (kept >= mapped || kept == 0) return;
    munmap(reinterpret_cast<char*>(data_.get()) + kept, mapped - kept);
    mapped = kept;
  }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }

 private:
  static constexpr std::size_t page = std::size_t{1} << 21;
  struct Free {
    std::size_t mapped = 0;  ///< bytes; 0: from the heap
    void operator()(T* p) const {
      if (mapped > 0)
        munmap(p, mapped);
      else
        std::free(p);
    }
  };
  // A page more than needed, so that the part that is kept begins on a huge page.
  void map(std::size_t bytes) {
    bytes = (bytes + 4095) / 4096 * 4096;
    void* const p = mmap(nullptr, bytes + page, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    const auto from = reinterpret_cast<std::uintptr_t>(p);
    const std::uintptr_t begin = (from + page - 1) / page * page;
    if (begin > from) munmap(p, begin - from);
    if (from + page > begin) munmap(reinterpret_cast<void*>(begin + bytes), from + page - begin);
    data_ = {reinterpret_cast<T*>(begin), Free{bytes}};
    madvise(data_.get(), bytes, MADV_HUGEPAGE);
  }

  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace callosum::sim
