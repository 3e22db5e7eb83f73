#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/error.h"
#include "tests/network/example_network.h"

namespace callosum::example {

using namespace literals;

/// A small network that the calls below try to spoil.
struct Fixture {
  Network net{0.1_ms};
  View exc, inh, quiet, flat;
  Fixture()
      : exc(net.add("exc", 100, neuron())),
        inh(net.add("inh", 20, neuron(), {.space = Space{2, {100, 100, 0}, false, false, {}}})),
        quiet(net.add("quiet", 10, silent_neuron(), {.parameters = {{"tau", 5_ms}}})),
        flat(net.add("flat", 10, neuron(), {.space = Space{1, {100, 0, 0}, false, false, {}}})) {
    net.connect(exc, inh, all_to_all(), {.target = "I_syn", .weight = 1_pA, .name = "ei"});
    net.stimulate({.name = "drive", .to = exc, .target = "I_e", .value = 1_pA});
  }
  std::uint32_t connect(const Rule& rule, SynapseOptions synapse) {
    return net.connect(exc, inh, rule, std::move(synapse));
  }
  SynapseOptions good() const { return {.target = "I_syn", .weight = 1_pA}; }
};

/// A call that must throw, the kind of its error, parts of the message.
struct Case {
  std::string name;
  std::function<void(Fixture&)> call;
  std::string kind;
  std::vector<std::string> parts;  ///< of the message
};

inline const double nan = std::numeric_limits<double>::quiet_NaN();
inline const double infinity = std::numeric_limits<double>::infinity();

/// Every case throws as it says and leaves the network as it was.
inline void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Fixture f;
    const std::uint64_t before = f.net.hash();
    try {
      c.call(f);
      ADD_FAILURE() << c.name << ": accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), c.kind) << c.name << ": " << e.what();
      for (const std::string& part : c.parts)
        EXPECT_NE(std::string(e.what()).find(part), std::string::npos)
            << c.name << ": '" << part << "' is not in: " << e.what();
      EXPECT_FALSE(e.detail().where.empty()) << c.name;
    }
    EXPECT_EQ(f.net.hash(), before) << c.name;
  }
}

}  // namespace callosum::example
