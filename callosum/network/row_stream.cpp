#include "callosum/network/row_stream.h"

#include "callosum/core/elementary.h"
#include "callosum/core/philox_eight.h"

namespace callosum {

void RowStream::refill() {
  PhiloxCounters counters;
  for (std::uint32_t b = 0; b < 8; ++b) counters.word[0][b] = next_ + b;
  counters.word[1].fill(lane_);
  counters.word[2].fill(row_);
  counters.word[3].fill(column_);
  philox_eight(counters, key_, buffer_.data());
  next_ += words / 4;
  used_ = 0;
}

void RowStream::first_words(StreamKey key, Lane lane, std::uint32_t row, std::uint32_t column,
                            std::uint32_t group, std::uint32_t* out) {
  PhiloxCounters counters;
  counters.word[0].fill(group);
  counters.word[1].fill(lane);
  counters.word[2].fill(row);
  for (std::uint32_t k = 0; k < 8; ++k) counters.word[3][k] = column + k;
  philox_eight(counters, key.value(), out);
}

double RowStream::exponential() {
  elementary::ScalarArithmetic<double> a;
  return -elementary::log(a, uniform());
}

double RowStream::normal_outside(std::size_t layer, double x) {
  elementary::ScalarArithmetic<double> a;
  const NormalTable& table = *normals_;
  for (;;) {
    if (layer == 0) {
      // Marsaglia's tail: x given x > tail.
      for (;;) {
        const double beyond = exponential() / NormalTable::tail;
        if (2 * exponential() > beyond * beyond)
          return x < 0 ? -(NormalTable::tail + beyond) : NormalTable::tail + beyond;
      }
    }
    const double y =
        table.height[layer] + uniform() * (table.height[layer + 1] - table.height[layer]);
    if (y < elementary::exp(a, -0.5 * x * x)) return x;
    const std::uint64_t bits = bits64();
    layer = static_cast<std::size_t>(bits & 255);
    x = static_cast<double>(static_cast<std::int64_t>(bits) >> 11) * 0x1p-52 * table.edge[layer];
    if (x < table.edge[layer + 1] && -x < table.edge[layer + 1]) return x;
  }
}

}  // namespace callosum
