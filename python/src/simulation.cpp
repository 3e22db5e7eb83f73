
#include <nanobind/stl/unique_ptr.h>

#include <atomic>

#include "callosum/core/team.h"
#include "convert.h"

namespace callosum::python {
namespace {

/// What Python raised while the library was at work: Ctrl-C, or an exception of the listener. It
/// is raised again once the library has stopped.
struct Raised {
  std::optional<nb::python_error> error;
  void again() {
    if (!error) return;
    nb::python_error e = std::move(*error);
    error.reset();
    throw e;
  }
};

/// Tells `listener` (may be None) and looks for Ctrl-C. It is called, copied and destroyed without
/// the interpreter's lock.
ProgressCallback progress_to(std::shared_ptr<nb::object> listener, std::shared_ptr<Raised> raised) {
  return [listener, raised](const Progress& p) {
    nb::gil_scoped_acquire lock;
    try {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      if (listener->is_none()) return true;
      nb::object answer = (*listener)(p.task, p.done, p.total, p.detail);
      return !answer.is(nb::borrow(Py_False));
    } catch (nb::python_error& e) {
      raised->error.emplace(std::move(e));
      return false;
    }
  };
}

Precision precision_of(const std::string& name) {
  if (name == "float") return Precision::single;
  if (name == "double") return Precision::twofold;
  throw NameError({.where = "Simulation, precision",
                   .what = "there is no such precision",
                   .got = name,
                   .expected = "float or double"});
}

SimulationOptions options(int threads, std::uint64_t seed, const std::string& precision,
                          const std::string& stream_dir = {}, double memory_limit = 0,
                          std::uint64_t first_draw = 0, std::uint32_t replica = 0) {
  if (!(threads >= 0))
    throw ValueError({.where = "Simulation, threads",
                      .what = "this is no number of threads",
                      .got = std::to_string(threads),
                      .expected = "1 or more, or 0 for all cores"});
  SimulationOptions o;
  o.threads = threads == 0 ? available_cores() : threads;
  o.seed = seed;
  o.first_draw = first_draw;
  o.replica = replica;
  o.precision = precision_of(precision);
  o.stream_dir = stream_dir;
  o.memory_limit_bytes = memory_limit;
  return o;
}

/// A simulation as Python has it: one call at a time, whatever thread it comes from.
class PythonSimulation {
 public:
  /// `checkpoint`: the file to go on from, or nothing.
  PythonSimulation(const Network& network, SimulationOptions options, nb::object listener,
                   const std::string& checkpoint)
      : listener_(new nb::object(std::move(listener)), &locked_delete),
        raised_(std::make_shared<Raised>()) {
    options.progress = progress_to(listener_, raised_);
    at_work([&] {
      if (checkpoint.empty())
        simulation_.emplace(network, std::move(options));
      else
        simulation_.emplace(Simulation::resume(checkpoint, network, std::move(options)));
    });
  }

  void run(nb::handle duration) {
    const std::int64_t steps =
        to_steps(duration, (*this)->network().grid(), "Simulation.run, duration");
    at_work([&] { simulation_->run_steps(steps); });
  }
  void run_steps(std::int64_t steps) {
    at_work([&] { simulation_->run_steps(steps); });
  }
  /// The simulation, unless another call is at work on it.
  Simulation* operator->() {
    if (busy_) refuse();
    return &*simulation_;
  }
  /// The listener may hold the simulation that holds it: Python's collector has to know.
  nb::object& listener() { return *listener_; }
  View view(nb::handle given) {
    if (nb::isinstance<View>(given)) return nb::cast<View>(given);
    return (*this)->network().population(nb::cast<std::string>(given));
  }

 private:
  [[noreturn]] static void refuse() {
    throw UnsupportedError({.where = "simulation",
                            .what = "it is at work in another call",
                            .got = "a second call at the same time",
                            .expected = "one call after the other"});
  }
  template <class F>
  void at_work(F work) {
    if (busy_.exchange(true)) refuse();
    struct Done {
      std::atomic<bool>& busy;
      ~Done() { busy = false; }
    } done{busy_};
    try {
      nb::gil_scoped_release unlocked;
      work();
    } catch (const Interrupted&) {
      raised_->again();
      throw;
    }
    raised_->again();  // by the last call of the listener, when all was done
  }
  static void locked_delete(nb::object* o) {
    nb::gil_scoped_acquire lock;
    delete o;
  }

  std::shared_ptr<nb::object> listener_;
  std::shared_ptr<Raised> raised_;
  std::optional<Simulation> simulation_;
  std::atomic<bool> busy_ = false;
};

/// What `progress=` means: None asks the terminal, True and False say, a function is called.
nb::object listener(nb::object progress) {
  if (progress.is(nb::borrow(Py_False))) return nb::none();
  if (!progress.is(nb::borrow(Py_True)) && !progress.is_none()) return progress;
  return nb::module_::import_("callosum.progress").attr("listener")(!progress.is_none());
}

int visit_listener(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (nb::inst_ready(self)) Py_VISIT(nb::inst_ptr<PythonSimulation>(self)->listener().ptr());
  return 0;
}

int forget_listener(PyObject* self) {
  if (nb::inst_ready(self)) nb::inst_ptr<PythonSimulation>(self)->listener() = nb::none();
  return 0;
}

PyType_Slot collector_slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(visit_listener)},
                                 {Py_tp_clear, reinterpret_cast<void*>(forget_listener)},
                                 {0, nullptr}};

Reset parts(const std::vector<std::string>& names) {
  const std::map<std::string, Reset> known = {{"state", Reset::state},
                                              {"weights", Reset::weights},
                                              {"time", Reset::time},
                                              {"random", Reset::random},
                                              {"all", Reset::all}};
  if (names.empty()) return Reset::all;
  unsigned all = 0;
  for (const std::string& name : names) {
    const auto at = known.find(name);
    if (at == known.end())
      throw NameError({.where = "Simulation.reset",
                       .what = "there is no such part",
                       .got = name,
                       .expected = "state, weights, time, random or all"});
    all |= static_cast<unsigned>(at->second);
  }
  return static_cast<Reset>(all);
}

}  // namespace

void bind_simulation(nb::module_& m) {
  nb::class_<RunStatistics>(m, "RunStatistics", "How long things took and how much was done.")
      .def_ro("compile_s", &RunStatistics::compile_s)
      .def_ro("build_s", &RunStatistics::build_s)
      .def_ro("simulate_s", &RunStatistics::simulate_s)
      .def_ro("steps", &RunStatistics::steps)
      .def_ro("neurons", &RunStatistics::neurons)
      .def_ro("synapses", &RunStatistics::synapses)
      .def_ro("synaptic_events", &RunStatistics::synaptic_events)
      .def_ro("spikes", &RunStatistics::spikes)
      .def_ro("spike_hash", &RunStatistics::spike_hash,
              "Equal for equal spikes, whatever the number of threads.")
      .def_ro("synapse_bytes", &RunStatistics::synapse_bytes)
      .def("__repr__", [](const RunStatistics& s) {
        char text[160];
        std::snprintf(text, sizeof text,
                      "<%lld steps, %llu spikes; compiled in %.3g s, built in %.3g s, simulated in "
                      "%.3g s>",
                      static_cast<long long>(s.steps), static_cast<unsigned long long>(s.spikes),
                      s.compile_s, s.build_s, s.simulate_s);
        return std::string(text);
      });

  nb::class_<Estimate>(m, "Estimate", "What building would need.")
      .def_ro("synapses", &Estimate::synapses)
      .def_ro("bytes", &Estimate::bytes)
      .def("__repr__", [](const Estimate& e) { return "<" + e.to_string() + ">"; });
  m.def(
      "estimate",
      [](const Network& network, int threads, const std::string& precision) {
        return estimate(network, options(threads, 1, precision));
      },
      "network"_a, nb::kw_only(), "threads"_a = 1, "precision"_a = "float");

  nb::class_<PythonSimulation>(
      m, "Simulation", nb::type_slots(collector_slots),
      "A network with state: builds when made, advances on run(). Same seed, same spikes, bit for "
      "bit, for any number of threads.")
      .def(
          "__init__",
          [](PythonSimulation* self, const Network& network, int threads, std::uint64_t seed,
             const std::string& precision, const std::string& stream_dir, double memory_limit,
             std::uint64_t first_draw, std::uint32_t replica, nb::object progress) {
            new (self) PythonSimulation(
                network,
                options(threads, seed, precision, stream_dir, memory_limit, first_draw, replica),
                listener(std::move(progress)), {});
          },
          "network"_a, nb::kw_only(), "threads"_a = 1, "seed"_a = 1, "precision"_a = "float",
          "stream_dir"_a = "", "memory_limit_bytes"_a = 0.0, "first_draw"_a = 0, "replica"_a = 0,
          "progress"_a = nb::none(),
          "threads: 0 takes all cores. progress: None shows a bar on a terminal or in a notebook, "
          "True always, False never; or a function (task, done, total, detail) that stops the run "
          "by returning False. Ctrl-C stops at a whole step and keeps what was done. first_draw: "
          "random numbers are those of a run that is that many steps further on. replica: which of "
          "many independent runs of the same network, with other initial states, noise and Poisson "
          "input over the same synapses.")
      .def_static(
          "resume",
          [](const std::string& checkpoint, const Network& network, int threads, std::uint64_t seed,
             const std::string& precision, const std::string& stream_dir, std::uint32_t replica,
             nb::object progress) {
            return std::make_unique<PythonSimulation>(
                network, options(threads, seed, precision, stream_dir, 0, 0, replica),
                listener(std::move(progress)), checkpoint);
          },
          "checkpoint"_a, "network"_a, nb::kw_only(), "threads"_a = 1, "seed"_a = 1,
          "precision"_a = "float", "stream_dir"_a = "", "replica"_a = 0, "progress"_a = nb::none(),
          "Goes on from a checkpoint that save() wrote, on any number of threads. FileError when "
          "network, seed, replica or precision are not those it was written with.")
      .def(
          "save", [](PythonSimulation& s, const std::string& path) { s->save(path); }, "path"_a,
          "Writes a checkpoint; the run itself goes on as if nothing had been written.")
      .def("run", &PythonSimulation::run, "duration"_a,
           "Advances by a duration, such as 1*s or \"500 ms\". NumericalError names population, "
           "neuron, variable and time when a state is no longer finite.")
      .def("run_steps", &PythonSimulation::run_steps, "steps"_a)
      .def_prop_ro("step", [](PythonSimulation& s) { return s->step(); })
      .def_prop_ro("time", [](PythonSimulation& s) { return s->time(); })
      .def(
          "set",
          [](PythonSimulation& s, nb::handle neurons, const std::string& name, nb::handle values) {
            s->set(s.view(neurons), name, to_values(values, "Simulation.set, '" + name + "'"));
          },
          "neurons"_a, "name"_a, "values"_a,
          "Takes effect at the next step and is logged in the recording; all or nothing.")
      .def(
          "get",
          [](PythonSimulation& s, nb::handle neurons, const std::string& name) {
            std::vector<double> values = s->get(s.view(neurons), name);
            const std::size_t n = values.size();
            return new_array(std::move(values), {n});
          },
          "neurons"_a, "name"_a,
          "Values of a state, parameter or subexpression in ms, mV, pA, nS, pF.")
      .def(
          "get_synapses",
          [](PythonSimulation& s, std::uint32_t projection, const std::string& name) {
            std::vector<double> values = s->get_synapses(projection, name);
            const std::size_t n = values.size();
            return new_array(std::move(values), {n});
          },
          "projection"_a, "name"_a = "weight",
          "Present values of a variable (\"weight\", a trace) of a plastic projection's synapses, "
          "internal units, in the order of Network.synapses.")
      .def(
          "set_synapses",
          [](PythonSimulation& s, std::uint32_t projection, const std::string& name,
             nb::handle values) {
            s->set_synapses(projection, name,
                            to_values(values, "Simulation.set_synapses, '" + name + "'"));
          },
          "projection"_a, "name"_a, "values"_a,
          "One value, an array in the order of Network.synapses, or a distribution; takes effect "
          "at the next step, all or nothing.")
      .def(
          "freeze",
          [](PythonSimulation& s, std::uint32_t projection, bool frozen) {
            s->freeze(projection, frozen);
          },
          "projection"_a, "frozen"_a = true,
          "While a plastic projection is frozen its traces run on and its weights do not change.")
      .def(
          "reset",
          [](PythonSimulation& s, nb::args names) {
            std::vector<std::string> all;
            for (nb::handle name : names) all.push_back(nb::cast<std::string>(name));
            s->reset(parts(all));
          },
          "parts"_a, "Restores \"state\", \"weights\", \"time\", \"random\", or all of them.")
      .def("recording",
           [](PythonSimulation& s) { return std::make_shared<Recording>(s->recording()); })
      .def("statistics", [](PythonSimulation& s) { return s->statistics(); })
      .def_prop_ro("network", [](PythonSimulation& s) { return Network(s->network()); })
      .def("__repr__", [](PythonSimulation& s) {
        return "<simulation of '" + s->network().name() + "' at " + to_string(s->time()) + ">";
      });
}

}  // namespace callosum::python
