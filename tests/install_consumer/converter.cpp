#include <callosum/callosum.h>
#include <callosum/nir/graph_of.h>
#include <callosum/nwb/write_nwb.h>
#include <callosum/sonata/circuit_of.h>
#include <callosum/sonata/network_of.h>

#include <cstdio>

using namespace callosum;
using namespace callosum::literals;

// A small network as a NIR graph, a SONATA circuit and an NWB file, and back.
int main() {
  try {
    Network net(0.1_ms, "small");
    const View exc = net.add(
        "exc", 10, library::neuron("lif_psc_delta").with({{"t_ref", 0_ms}, {"I_e", 500_pA}}));
    net.connect(exc, exc, fixed_probability(0.3), {.target = "V_m", .weight = 0.5_mV});
    net.record_spikes(exc);
    nir::write_nir("small.nir", nir::graph_of(net).graph);
    const nir::NirNetwork graph = nir::network_of(nir::read_nir("small.nir"));
    const auto circuit = sonata::write_circuit("circuit", net, {.duration = 100_ms});
    Simulation sim(sonata::read_sonata(circuit).network, {});
    sim.run(100_ms);
    nwb::write_nwb("small.nwb", sim.recording());
    std::printf("%llu spikes, %llu neurons\n",
                static_cast<unsigned long long>(sim.statistics().spikes),
                static_cast<unsigned long long>(graph.network.neurons()));
    return sim.statistics().spikes > 0 && graph.network.neurons() >= 10 ? 0 : 1;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
