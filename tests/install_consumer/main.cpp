#include <callosum/callosum.h>

#include <cstdio>

using namespace callosum;
using namespace callosum::literals;

// The balanced network of Vogels and Abbott in a thousand neurons, written against the installed
// library: docs/guide/cpp.md shows this program.
int main() {
  try {
    Network net(0.1_ms, "balanced");
    auto neuron = library::neuron("lif_cond_exp").with({{"V_th", -50_mV}, {"I_e", 200_pA}});
    PopulationOptions options;
    options.initial = {{"V_m", Values::uniform(-60_mV, -50_mV)}};
    View exc = net.add("exc", 800, neuron, options);
    View inh = net.add("inh", 200, neuron, options);
    for (View to : {exc, inh}) {
      net.connect(exc, to, fixed_probability(0.1), {.target = "g_ex", .weight = 6_nS});
      net.connect(inh, to, fixed_probability(0.1), {.target = "g_in", .weight = 67_nS});
    }
    net.record_spikes(exc);
    Simulation sim(net, {.threads = 2, .seed = 1});
    sim.run(200_ms);
    report::write("balanced.html", sim.recording());
    std::printf("%llu spikes\n", static_cast<unsigned long long>(sim.statistics().spikes));
    return sim.statistics().spikes > 0 ? 0 : 1;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
