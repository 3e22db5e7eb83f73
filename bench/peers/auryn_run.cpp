// coba or brunel in Auryn: auryn_run KIND SECONDS SEED, made against a build of Auryn by
// bench/run.py.
//
// Auryn fixes the delay at its minimum (0.8 ms), works in single precision and in coba reads
// conductances in units of the leak. It prints one line for bench/run.py: see meter.py. Uses the
// public interface only.
#include <auryn.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

double now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

double peak() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024.0;
}

struct Counter : auryn::Monitor {
  explicit Counter(auryn::SpikingGroup* group) : group_(group) {
    auryn::sys->register_device(this);
  }
  void execute() override { spikes += static_cast<double>(group_->get_spikes()->size()); }
  double spikes = 0;

 private:
  auryn::SpikingGroup* group_;
};

struct Network {
  auryn::NeuronGroup *exc, *inh;
  double from_exc = 0, from_inh = 0;  // synapses
};

void connect(Network& net, float exc, float inh, double probability, auryn::TransmitterType up,
             auryn::TransmitterType down) {
  for (auryn::NeuronGroup* to : {net.exc, net.inh}) {
    net.from_exc += (new auryn::SparseConnection(net.exc, to, exc, probability, up))->get_nonzero();
    net.from_inh +=
        (new auryn::SparseConnection(net.inh, to, inh, probability, down))->get_nonzero();
  }
}

Network coba() {
  auto* exc = new auryn::TIFGroup(3200);
  auto* inh = new auryn::TIFGroup(800);
  for (auryn::TIFGroup* group : {exc, inh}) {
    group->set_refractory_period(5e-3);
    group->set_state("bg_current", 2e-2);
    group->random_mem(-55e-3, 3e-3);
  }
  Network net{exc, inh};
  connect(net, 0.6f, 6.7f, 0.02, auryn::GLUT, auryn::GABA);
  return net;
}

Network brunel() {
  auto* exc = new auryn::IafPscDeltaGroup(10000);
  auto* inh = new auryn::IafPscDeltaGroup(2500);
  for (auryn::IafPscDeltaGroup* group : {exc, inh}) {
    group->set_tau_mem(20e-3);
    group->set_tau_ref(2e-3);
    group->e_rest = 0;
    group->e_reset = 10e-3;
    group->thr = 20e-3;
    new auryn::PoissonStimulator(group, 20000, 0.1e-3f);
  }
  Network net{exc, inh};
  connect(net, 0.1e-3f, -0.5e-3f, 0.1, auryn::MEM, auryn::MEM);
  return net;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string kind = argv[1];
  auryn::auryn_init(1, argv, ".");
  auryn::sys->quiet = true;
  auryn::sys->set_master_seed(std::atoi(argv[3]));
  const double before = peak(), started = now();
  const Network net = kind == "coba" ? coba() : brunel();
  Counter exc(net.exc), inh(net.inh);
  const double built = now(), held = peak() - before;
  auryn::sys->run(std::atof(argv[2]), true);
  const double simulated = now() - built, synapses = net.from_exc + net.from_inh;
  const double events = exc.spikes * net.from_exc / net.exc->get_size() +
                        inh.spikes * net.from_inh / net.inh->get_size();
  std::printf(
      "RESULT {\"build_s\": %.6f, \"simulate_s\": %.6f, \"spikes\": %.0f, \"synapses\": %.0f, "
      "\"synaptic_events\": %.0f, \"bytes_per_synapse\": %.2f, \"peak_rss_bytes\": %.0f}\n",
      built - started, simulated, exc.spikes + inh.spikes, synapses, events, held / synapses,
      peak());
  std::fflush(stdout);
  std::_Exit(0);
}
