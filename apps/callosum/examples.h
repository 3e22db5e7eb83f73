#pragma once

/// What stands below the options of `callosum --help` and of its commands.
namespace callosum::app {

inline constexpr const char* examples = R"(Examples:
  callosum run coba --time 1s                 a network that comes with callosum
  callosum run my.toml --set exc.V_th=-48mV   a file, with one parameter changed
  callosum run microcircuit --scale 0.1 --json
  callosum model show lif_cond_exp --after discretise
  callosum convert coba circuit/              as a SONATA circuit
  callosum train mnist                        a spiking network learns digits
  callosum reproduce list                     published systems whose claims can be re-tested

Exit codes: 0 done, 1 an error in a file or value, 2 an error in the command line, 3 a state became
NaN or infinite, 4 it does not fit into memory, 5 a fault of callosum, 6 a claim failed (reproduce
--strict), 75 stopped with a checkpoint to go on from, 130 stopped without.)";

inline constexpr const char* run_examples = R"(Examples:
  callosum run coba --time 1s --threads 2
  mpirun -n 2 callosum run brunel --threads 1
  callosum run brunel --set g=5 --seed 7 --out results/brunel-g5
  callosum run microcircuit --scale 0.1 --estimate
  callosum run coba --replicas 10             ten independent runs: means and standard deviations
  callosum run results/coba/run.toml          repeats that run, spike for spike
  callosum run circuit/simulation_config.json a SONATA circuit; its output goes where that says
  callosum run brunel --time 1000s --checkpoint b.ckp --checkpoint-every 10s
  callosum run brunel --time 1000s --checkpoint b.ckp --checkpoint-every 10s --resume b.ckp

Files written: report.html, run.toml (repeats the run), run.json (what --json prints), spikes.csv.
With --replicas they are of all runs, and each run has its own in replica-0, replica-1, ...
In JSON, spike_hash is a decimal string (it has 64 bits); real_time_factor is the time simulating
took over the time simulated.)";

inline constexpr const char* convert_examples = R"(Examples:
  callosum convert coba circuit/              a network as a SONATA circuit
  callosum convert simulation_config.json circuit.toml
  callosum convert model.nir model.toml --dt 0.1ms --steps snntorch
  callosum convert small.toml small.nir --steps euler

The names say the formats: FILE.toml or the name of a shipped network, FILE.nir, and for SONATA a
folder or its .json. Where a format holds no rules, synapses and values are drawn with --seed. What
was assumed, and what the result cannot hold, is told on standard error.)";

inline constexpr const char* reproduce_examples = R"(Examples:
  callosum reproduce list
  callosum reproduce list curl-descent        its claims and settings
  callosum reproduce curl-descent             quick size, report in results/curl-descent
  callosum reproduce rich-lazy --full --json
  callosum reproduce --all --out results

A run that was stopped goes on where it was. Exit codes: 0 the runs finished, whatever the verdicts;
1 an error; 2 a wrong command line; 6 a claim fails (--strict) or a canary does not pass
(--canaries); 130 interrupted.)";

inline constexpr const char* runs_examples = R"(Examples:
  callosum runs list
  callosum runs show curl-descent
  callosum runs compare curl-descent curl-descent-full)";

inline constexpr const char* model_examples = R"(Examples:
  callosum model list
  callosum model list --json
  callosum model show lif_cond_exp
  callosum model show hh_traub --after program --dt 0.05ms
  callosum model check my_neuron.toml
  callosum model response lif_cond_exp --out lif.html
  callosum model doc --out docs/models)";

inline constexpr const char* data_examples = R"(Examples:
  callosum data list
  callosum data info n-mnist --verify
  callosum data get shd                       goes on where an earlier try stopped
  callosum data path mnist

Data sets are looked for in $CALLOSUM_DATA/<name>, in the cache that `get` fills, and among the
samples that come with callosum. With CALLOSUM_MIRROR set, `get` asks $CALLOSUM_MIRROR/<name>/<file>
instead of the authors' servers; checksums are those of the registry either way.)";

}  // namespace callosum::app
