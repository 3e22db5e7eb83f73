#include "callosum/learn/vertex_cut.h"

#include <algorithm>

namespace callosum::learn {
namespace {
constexpr std::int32_t unbounded = 1 << 30;
}

VertexCut::VertexCut(std::uint32_t vertices)
    : vertices_(vertices),
      start_(2 * vertices),
      end_(2 * vertices + 1),
      leaving_(2 * vertices + 2) {
  for (std::uint32_t v = 0; v < vertices; ++v) arc(in(v), out(v), 1);
}

void VertexCut::arc(std::uint32_t from, std::uint32_t to, std::int32_t room) {
  leaving_[from].push_back(static_cast<std::uint32_t>(arcs_.size()));
  arcs_.push_back({to, room});
  leaving_[to].push_back(static_cast<std::uint32_t>(arcs_.size()));
  arcs_.push_back({from, 0});
}

void VertexCut::edge(std::uint32_t from, std::uint32_t to) { arc(out(from), in(to), unbounded); }
void VertexCut::source(std::uint32_t v) { arc(start_, in(v), unbounded); }
void VertexCut::sink(std::uint32_t v) { arc(out(v), end_, unbounded); }

// One more path from start to end, found breadth first; every path has room for one.
bool VertexCut::augment() {
  constexpr std::uint32_t none = 0xffffffffu;
  std::vector<std::uint32_t> by(leaving_.size(), none);
  std::vector<std::uint32_t> queue{start_};
  for (std::size_t k = 0; k < queue.size() && by[end_] == none; ++k)
    for (const std::uint32_t a : leaving_[queue[k]]) {
      const std::uint32_t to = arcs_[a].to;
      if (arcs_[a].room == 0 || to == start_ || by[to] != none) continue;
      by[to] = a;
      queue.push_back(to);
    }
  if (by[end_] == none) return false;
  for (std::uint32_t at = end_; at != start_; at = arcs_[by[at] ^ 1].to) {
    --arcs_[by[at]].room;
    ++arcs_[by[at] ^ 1].room;
  }
  return true;
}

std::vector<std::uint32_t> VertexCut::cut() {
  while (augment()) {
  }
  // Nodes from which the end can still be reached.
  std::vector<bool> reaches(leaving_.size());
  std::vector<std::uint32_t> queue{end_};
  reaches[end_] = true;
  for (std::size_t k = 0; k < queue.size(); ++k)
    for (const std::uint32_t a : leaving_[queue[k]]) {
      const std::uint32_t from = arcs_[a].to;
      if (arcs_[a ^ 1].room == 0 || reaches[from]) continue;
      reaches[from] = true;
      queue.push_back(from);
    }
  std::vector<std::uint32_t> result;
  for (std::uint32_t v = 0; v < vertices_; ++v)
    if (!reaches[in(v)] && reaches[out(v)]) result.push_back(v);
  return result;
}

}  // namespace callosum::learn
