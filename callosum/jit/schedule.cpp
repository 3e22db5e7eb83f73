#include "callosum/jit/schedule.h"

#include <algorithm>
#include <tuple>

namespace callosum::jit {
namespace {

using model::Op;
using model::Value;

// More than any processor has registers: LLVM's scheduler, which knows them, follows and loses by
// a tighter order, but cannot undo one that is wider by far.
constexpr int most_waiting = 48;

// Cycles until a result can be used, about as on today's x86 and ARM cores.
int latency(Op op) {
  switch (op) {
    case Op::neg:  // becomes part of its user
      return 0;
    case Op::logical_and:
    case Op::logical_or:
    case Op::logical_not:
    case Op::select:
    case Op::abs:
      return 1;
    case Op::div:
      return 13;
    case Op::sqrt:
      return 20;
    case Op::load:
    case Op::round:
    case Op::floor:
    case Op::exponent:
    case Op::power_of_two:
      return 7;
    default:
      return 4;
  }
}

class Scheduler {
 public:
  Scheduler(const model::Program& program, const std::vector<bool>& varies)
      : program_(program),
        varies_(varies),
        users_(program.code.size()),
        uses_left_(program.code.size()),
        waiting_for_(program.code.size()),
        height_(program.code.size()),
        finished_(program.code.size()) {}

  std::vector<Value> run() {
    prepare();
    std::vector<Value> order;
    int cycle = 0;
    while (!ready_.empty()) {
      const auto best = choose(cycle);
      const Value v = *best;
      ready_.erase(best);
      order.push_back(v);
      finished_[v] = std::max(cycle, start(v)) + latency(program_.code[v].op);
      if (latency(program_.code[v].op) > 0) ++cycle;
      retire(v);
    }
    return order;
  }

 private:
  // Distinct operands that differ between lanes.
  std::vector<Value> sources(Value v) const {
    std::vector<Value> list;
    for (const Value x : program_.code[v].operands)
      if (varies_[x] && std::find(list.begin(), list.end(), x) == list.end()) list.push_back(x);
    return list;
  }

  void prepare() {
    for (Value v = program_.code.size(); v-- > 0;) {
      if (!varies_[v]) continue;
      int above = 0;
      for (const Value user : users_[v]) above = std::max(above, height_[user]);
      height_[v] = above + latency(program_.code[v].op);
      for (const Value x : sources(v)) {
        users_[x].push_back(v);
        ++uses_left_[x];
        ++waiting_for_[v];
      }
    }
    for (Value v = 0; v < program_.code.size(); ++v)
      if (varies_[v] && waiting_for_[v] == 0) ready_.push_back(v);
  }

  int start(Value v) const {
    int cycle = 0;
    for (const Value x : program_.code[v].operands)
      if (varies_[x]) cycle = std::max(cycle, finished_[x]);
    return cycle;
  }

  // By how much `v` changes the number of values that wait. Booleans live in registers of their
  // own.
  int growth(Value v) const {
    int change = model::is_boolean(program_.code[v].op) || users_[v].empty() ? 0 : 1;
    for (const Value x : sources(v))
      if (uses_left_[x] == 1 && !model::is_boolean(program_.code[x].op)) --change;
    return change;
  }

  std::vector<Value>::iterator choose(int cycle) {
    const bool full = waiting_ >= most_waiting;
    // Smaller is better: room when there is none, then no wait, then the longest way to the end.
    const auto cost = [&](Value v) {
      return std::make_tuple(full ? growth(v) : 0, std::max(start(v) - cycle, 0), -height_[v]);
    };
    return std::min_element(ready_.begin(), ready_.end(),
                            [&](Value a, Value b) { return cost(a) < cost(b); });
  }

  void retire(Value v) {
    waiting_ += growth(v);
    for (const Value x : sources(v)) --uses_left_[x];
    for (const Value user : users_[v])
      if (--waiting_for_[user] == 0) ready_.push_back(user);
  }

  const model::Program& program_;
  const std::vector<bool>& varies_;
  std::vector<std::vector<Value>> users_;
  std::vector<int> uses_left_, waiting_for_, height_, finished_;
  std::vector<Value> ready_;
  int waiting_ = 0;
};

}  // namespace

std::vector<Value> interleave(const model::Program& program, const std::vector<bool>& varies) {
  return Scheduler(program, varies).run();
}

}  // namespace callosum::jit
