#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "callosum/learn/row_kernels.h"
#include "callosum/network/network.h"
#include "callosum/sim/aligned.h"

namespace callosum::learn {

/// The synapses of one projection that share a delay, as the unroll wants them: a padded matrix
/// [sources, targets] where they are dense and no pair has two, rows of targets otherwise. Products
/// keep the engine's order of sums: sources ascending, within a row the draw order.
template <class T>
class Piece {
 public:
  struct Synapse {
    std::uint32_t source, target;  ///< source: position in the view
    std::uint64_t index;           ///< in the projection's weights
  };
  /// `synapses` in (source, ordinal) order.
  Piece(const Network& network, std::uint32_t projection, std::uint32_t delay,
        const std::vector<Synapse>& synapses);

  std::uint32_t projection() const { return projection_; }
  std::uint32_t source() const { return source_; }  ///< population
  std::uint32_t target() const { return target_; }
  std::uint32_t delay() const { return delay_; }
  bool empty() const { return index_.empty(); }
  bool dense() const { return dense_; }
  bool whole() const { return whole_; }               ///< the view is the source population
  std::uint32_t sources() const { return sources_; }  ///< of the view
  std::size_t gradient_size() const { return weights_.size(); }
  std::size_t bytes() const;

  /// Takes the projection's weights over, and those that carry derivatives back: the same where
  /// `back` is empty.
  void set(std::span<const T> weights, std::span<const T> back = {});
  /// Rows of the sources among `neurons` (ascending, within the source population) that the view
  /// holds, into `rows`. Returns how many.
  std::size_t rows_of(const std::uint32_t* neurons, std::size_t count, std::uint32_t* rows) const;
  /// y += the rows' weights.
  void add_rows(T* y, const std::uint32_t* rows, std::size_t count) const;
  /// What the rows' weights get of g, the derivative at the targets: added to `gradient`. For
  /// pieces that are not dense; the gradient of others is a matrix [sources, padded targets].
  void add_gradient(T* gradient, const std::uint32_t* rows, std::size_t count, const T* g) const;
  /// y[u][source] += sum over targets of weight times g[u][target]. `scratch` has room for
  /// `scratch_size()` numbers a sample.
  void add_back(T* y, std::size_t y_stride, const T* g, std::size_t g_stride, std::size_t samples,
                T* scratch) const;
  /// The same for one sample and those sources that are among `neurons`. `rows` has room for them.
  void add_back_to(T* y, const T* g, const std::uint32_t* neurons, std::size_t count,
                   std::uint32_t* rows) const;
  std::size_t scratch_size() const { return whole_ ? 0 : source_lanes_; }
  /// Writes the gradient of this piece's weights to their places in the projection's order.
  void read_gradient(const T* gradient, std::span<T> weights) const;

 private:
  std::uint32_t projection_, source_, target_, delay_;
  bool dense_ = false, whole_ = true;
  bool ordered_ = false;  ///< dense, and its synapses are all the projection's, row by row
  std::vector<std::int32_t> positions_;  ///< of neurons in the view; empty: the same
  std::vector<std::uint32_t> neurons_;   ///< of positions; empty: the same
  std::size_t lanes_, source_lanes_;     ///< padded targets, padded sources of the view
  std::uint32_t sources_, targets_;
  std::vector<std::uint64_t> index_;      ///< by synapse: in the projection's weights
  std::vector<std::uint64_t> place_;      ///< by synapse: in weights_; empty: the same
  std::vector<std::uint64_t> offsets_;    ///< sparse: by source
  std::vector<std::uint32_t> target_of_;  ///< sparse
  sim::Aligned<T> weights_, transposed_;  ///< dense: [source, target], [target, source]
  sim::Aligned<T> back_;                  ///< as weights_, where derivatives go back by others
};

}  // namespace callosum::learn
