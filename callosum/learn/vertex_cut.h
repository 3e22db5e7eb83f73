#pragma once

#include <cstdint>
#include <vector>

namespace callosum::learn {

/// The fewest vertices of a directed graph that lie on every path from its sources to its sinks
/// (Menger 1927; by augmenting paths, Ford and Fulkerson 1956). Sources and sinks may be cut too.
/// Of several smallest cuts it takes the one nearest to the sinks.
class VertexCut {
 public:
  explicit VertexCut(std::uint32_t vertices);
  void edge(std::uint32_t from, std::uint32_t to);
  void source(std::uint32_t vertex);
  void sink(std::uint32_t vertex);
  std::vector<std::uint32_t> cut();  ///< ascending

 private:
  struct Arc {
    std::uint32_t to;
    std::int32_t room;
  };
  // Every vertex is two nodes, in and out, with room for one path between them.
  static std::uint32_t in(std::uint32_t v) { return 2 * v; }
  static std::uint32_t out(std::uint32_t v) { return 2 * v + 1; }
  void arc(std::uint32_t from, std::uint32_t to, std::int32_t room);
  bool augment();

  std::uint32_t vertices_, start_, end_;
  std::vector<Arc> arcs_;  ///< 2 k and its reverse 2 k + 1
  std::vector<std::vector<std::uint32_t>> leaving_;
};

}  // namespace callosum::learn
