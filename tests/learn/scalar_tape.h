#pragma once

#include <cmath>
#include <stdexcept>
#include <vector>

namespace callosum::scalar {

/// Reverse mode number by number: slow, and shares nothing with the adjoint of programs.
struct Tape {
  struct Node {
    int a, b;
    double da, db;
  };
  std::vector<Node> nodes;
  std::vector<double> bars;

  int add(int a, double da, int b = -1, double db = 0) {
    nodes.push_back({a, b, da, db});
    return static_cast<int>(nodes.size()) - 1;
  }
  void start() { bars.assign(nodes.size(), 0.0); }
  void reverse() {
    for (std::size_t i = nodes.size(); i-- > 0;) {
      if (bars[i] == 0) continue;
      if (nodes[i].a >= 0) bars[static_cast<std::size_t>(nodes[i].a)] += nodes[i].da * bars[i];
      if (nodes[i].b >= 0) bars[static_cast<std::size_t>(nodes[i].b)] += nodes[i].db * bars[i];
    }
  }
};

/// A number whose derivatives are kept; node -1: a constant.
struct Var {
  double v = 0;
  int node = -1;
};

class Arithmetic {
 public:
  explicit Arithmetic(Tape& tape) : tape_(tape) {}
  Var leaf(double v) { return {v, tape_.add(-1, 0)}; }
  Var unary(double v, Var a, double da) {
    return a.node < 0 ? Var{v, -1} : Var{v, tape_.add(a.node, da)};
  }
  Var binary(double v, Var a, double da, Var b, double db) {
    if (a.node < 0 && b.node < 0) return {v, -1};
    return {v, tape_.add(a.node, da, b.node, db)};
  }
  Var add(Var a, Var b) { return binary(a.v + b.v, a, 1, b, 1); }
  Var mul(Var a, Var b) { return binary(a.v * b.v, a, b.v, b, a.v); }

 private:
  Tape& tape_;
};

}  // namespace callosum::scalar
