#include "tests/network/error_cases.h"

namespace callosum {
namespace {

using namespace literals;
using example::check;
using example::Fixture;
using example::infinity;
using example::nan;

TEST(NetworkErrors, Inputs) {
  using Kind = Stimulus::Kind;
  const auto stimulate = [](Stimulus s) {
    return [s](Fixture& f) {
      Stimulus mine = s;
      mine.to = f.exc;
      f.net.stimulate(mine);
    };
  };
  check({
      {"target", stimulate({.target = "I", .value = 1_pA}), "name", {"parameters"}},
      {"state", stimulate({.target = "I_syn", .value = 1_pA}), "value", {"is a state"}},
      {"poisson onto a parameter",
       stimulate({.kind = Kind::poisson, .target = "I_e", .value = 1_pA}),
       "value",
       {"is a parameter"}},
      {"unit", stimulate({.target = "I_e", .value = 1_mV}), "unit", {"value", "ampere"}},
      {"no unit", stimulate({.target = "I_e", .value = 1.0}), "unit", {"ampere"}},
      {"size", stimulate({.target = "I_e", .value = Values::array({1_pA})}), "shape", {"100"}},
      {"name", stimulate({.name = "drive", .target = "I_e", .value = 1_pA}), "name", {"taken"}},
      {"rate",
       stimulate({.kind = Kind::poisson, .target = "I_syn", .value = 1_pA, .rate = -1_Hz}),
       "value",
       {"rate", "-1 Hz"}},
      {"rate drawn below zero",
       stimulate({.kind = Kind::poisson,
                  .target = "I_syn",
                  .value = 1_pA,
                  .rate = Values::normal(5_Hz, 1_Hz)}),
       "value",
       {"rate"}},
      {"rate unit",
       stimulate({.kind = Kind::poisson, .target = "I_syn", .value = 1_pA, .rate = 1_ms}),
       "unit",
       {"rate"}},
      {"sources",
       stimulate(
           {.kind = Kind::poisson, .target = "I_syn", .value = 1_pA, .rate = 1_Hz, .sources = nan}),
       "value",
       {"sources"}},
      {"start", stimulate({.target = "I_e", .value = 1_pA, .start = -2}), "value", {"starts"}},
      {"stop",
       stimulate({.target = "I_e", .value = 1_pA, .start = 5, .stop = 5}),
       "value",
       {"stops"}},
      {"interval",
       stimulate({.target = "I_e", .value = 1_pA, .interval = 0}),
       "value",
       {"interval"}},
      {"times",
       stimulate({.kind = Kind::steps,
                  .target = "I_e",
                  .value = Values::array({1_pA, 2_pA}),
                  .times = {5, 5}}),
       "value",
       {"place 1"}},
      {"times and values",
       stimulate({.kind = Kind::steps,
                  .target = "I_e",
                  .value = Values::array({1_pA, 2_pA}),
                  .times = {5}}),
       "shape",
       {"2 values", "expected 1"}},
      {"amplitude unit",
       stimulate({.kind = Kind::sine, .target = "I_e", .amplitude = 1_mV, .frequency = 1_Hz}),
       "unit",
       {"amplitude"}},
      {"frequency",
       stimulate({.kind = Kind::sine, .target = "I_e", .amplitude = 1_pA, .frequency = -1_Hz}),
       "value",
       {"frequency"}},
      {"noise",
       stimulate({.kind = Kind::noise, .target = "I_e", .amplitude = -1_pA}),
       "value",
       {"standard deviation"}},
      {"samples",
       stimulate({.kind = Kind::array, .target = "I_e", .samples = {1, 2, 3}}),
       "shape",
       {"3 samples", "multiple of 100"}},
      {"sample nan",
       stimulate(
           {.kind = Kind::array, .target = "I_e", .samples = std::vector<double>(100, infinity)}),
       "value",
       {"sample 0"}},
      {"recorded name",
       [](Fixture& f) { f.net.record(f.exc, "V"); },
       "name",
       {"recorder of 'exc'", "'V'"}},
      {"recorded parameter",
       [](Fixture& f) { f.net.record(f.exc, "tau_m"); },
       "value",
       {"is a parameter", "depth"}},
      {"recording interval",
       [](Fixture& f) { f.net.record(f.exc, "V_m", 0.15_ms); },
       "value",
       {"interval", "0.15 ms"}},
      {"recording interval unit",
       [](Fixture& f) { f.net.record(f.exc, "V_m", 1_mV); },
       "unit",
       {"interval"}},
      {"spikes of the silent",
       [](Fixture& f) { f.net.record_spikes(f.quiet); },
       "value",
       {"never spikes"}},
      {"weights of nothing", [](Fixture& f) { f.net.record_weights(7, 1_ms); }, "value", {"7"}},
  });
}

}  // namespace
}  // namespace callosum
