#include "convert.h"

namespace callosum::python {
namespace {

std::vector<double> times(std::int64_t first, std::int64_t interval, std::size_t samples,
                          double dt_ms) {
  std::vector<double> ms(samples);
  for (std::size_t k = 0; k < samples; ++k)
    ms[k] = static_cast<double>(first + static_cast<std::int64_t>(k) * interval) * dt_ms;
  return ms;
}

/// A part of a recording, which it keeps alive.
template <class Record>
struct Part {
  std::shared_ptr<const Recording> recording;
  const Record* record;
};

template <class Record>
std::vector<Part<Record>> parts(const std::shared_ptr<Recording>& recording,
                                const std::vector<Record>& records) {
  std::vector<Part<Record>> all;
  for (const Record& r : records) all.push_back({recording, &r});
  return all;
}

/// The first record whose name is `wanted`; NameError with the nearest otherwise.
template <class Record, class NameOf>
Part<Record> find(const std::shared_ptr<Recording>& recording, const std::vector<Record>& records,
                  const std::string& wanted, const char* what, NameOf name_of) {
  std::vector<std::string> names;
  for (const Record& r : records) {
    if (name_of(r) == wanted) return {recording, &r};
    names.push_back(name_of(r));
  }
  std::string expected;
  for (const std::string& n : names) expected += (expected.empty() ? "" : ", ") + n;
  throw NameError({.where = "recording",
                   .what = std::string("no such ") + what,
                   .got = wanted,
                   .expected = expected.empty() ? "nothing: none was recorded" : expected,
                   .nearest = nearest_name(wanted, names)});
}

using Spikes = Part<SpikeRecord>;
using Trace = Part<TraceRecord>;
using Weights = Part<WeightRecord>;
using Shared = std::shared_ptr<Recording>;

/// One array of times in ms a neuron.
nb::list trains(const Spikes& s) {
  std::vector<std::vector<double>> all(s.record->size);
  for (std::size_t k = 0; k < s.record->steps.size(); ++k) {
    const std::uint32_t neuron = s.record->neurons[k];
    if (neuron >= all.size()) all.resize(neuron + 1);
    all[neuron].push_back(static_cast<double>(s.record->steps[k]) * s.recording->dt_ms);
  }
  nb::list result;
  for (auto& train : all) {
    const std::size_t n = train.size();
    result.append(new_array(std::move(train), {n}));
  }
  return result;
}

}  // namespace

void bind_recording(nb::module_& m) {
  nb::class_<Spikes>(m, "SpikeRecord", "Spikes of one recorder, by time, then neuron.")
      .def_prop_ro("population", [](const Spikes& s) { return s.record->population; })
      .def_prop_ro(
          "size", [](const Spikes& s) { return s.record->size; }, "Neurons recorded.")
      .def_prop_ro(
          "neurons",
          [](nb::handle_t<Spikes> self) {
            const auto& s = nb::cast<const Spikes&>(self);
            return array_view(s.record->neurons, {s.record->neurons.size()}, self);
          },
          "Index within the population, uint32; a view, nothing is copied.")
      .def_prop_ro(
          "steps",
          [](nb::handle_t<Spikes> self) {
            const auto& s = nb::cast<const Spikes&>(self);
            return array_view(s.record->steps, {s.record->steps.size()}, self);
          },
          "Time stamp in steps of dt, int64; a view.")
      .def_prop_ro("times_ms",
                   [](const Spikes& s) {
                     std::vector<double> ms;
                     ms.reserve(s.record->steps.size());
                     for (std::int64_t n : s.record->steps)
                       ms.push_back(static_cast<double>(n) * s.recording->dt_ms);
                     const std::size_t n = ms.size();
                     return new_array(std::move(ms), {n});
                   })
      .def("trains", &trains, "One array of times (ms) for each neuron of the population.")
      .def("__len__", [](const Spikes& s) { return s.record->steps.size(); })
      .def("__repr__", [](const Spikes& s) {
        return "<" + std::to_string(s.record->steps.size()) + " spikes of '" +
               s.record->population + "'>";
      });

  nb::class_<Trace>(m, "TraceRecord", "Samples of one variable.")
      .def_prop_ro("population", [](const Trace& t) { return t.record->population; })
      .def_prop_ro("variable", [](const Trace& t) { return t.record->variable; })
      .def_prop_ro("unit", [](const Trace& t) { return t.record->dimension.internal_name(); })
      .def_prop_ro("indices",
                   [](nb::handle_t<Trace> self) {
                     const auto& t = nb::cast<const Trace&>(self);
                     return array_view(t.record->indices, {t.record->indices.size()}, self);
                   })
      .def_prop_ro("times_ms",
                   [](const Trace& t) {
                     const std::size_t n = t.record->samples();
                     return new_array(
                         times(t.record->first, t.record->interval, n, t.recording->dt_ms), {n});
                   })
      .def_prop_ro(
          "values",
          [](nb::handle_t<Trace> self) {
            const auto& t = nb::cast<const Trace&>(self);
            return array_view(t.record->values, {t.record->samples(), t.record->indices.size()},
                              self);
          },
          "[samples, neurons] in `unit`; a view, nothing is copied.")
      .def("__repr__", [](const Trace& t) {
        return "<'" + t.record->variable + "' of '" + t.record->population + "' in " +
               t.record->dimension.internal_name() + ": " + std::to_string(t.record->samples()) +
               " samples of " + std::to_string(t.record->indices.size()) + " neurons>";
      });

  nb::class_<Weights>(m, "WeightRecord", "Weights of one projection, by source, then draw order.")
      .def_prop_ro("projection", [](const Weights& w) { return w.record->projection; })
      .def_prop_ro("unit", [](const Weights& w) { return w.record->dimension.internal_name(); })
      .def_prop_ro("times_ms",
                   [](const Weights& w) {
                     const std::size_t n =
                         w.record->synapses ? w.record->values.size() / w.record->synapses : 0;
                     return new_array(
                         times(w.record->first, w.record->interval, n, w.recording->dt_ms), {n});
                   })
      .def_prop_ro(
          "values",
          [](nb::handle_t<Weights> self) {
            const auto& w = nb::cast<const Weights&>(self);
            const std::size_t each = w.record->synapses;
            return array_view(w.record->values, {each ? w.record->values.size() / each : 0, each},
                              self);
          },
          "[samples, synapses] in `unit`; a view.")
      .def("__repr__", [](const Weights& w) {
        return "<weights of '" + w.record->projection + "': " + std::to_string(w.record->synapses) +
               " synapses>";
      });

  nb::class_<PopulationSummary>(m, "PopulationSummary")
      .def_ro("name", &PopulationSummary::name)
      .def_ro("model", &PopulationSummary::model)
      .def_ro("size", &PopulationSummary::size)
      .def_ro("spikes", &PopulationSummary::spikes)
      .def_ro("rate_hz", &PopulationSummary::rate_hz)
      .def_ro("cv_isi", &PopulationSummary::cv_isi,
              "Mean over neurons with at least 5 spikes; NaN when there is none.")
      .def("__repr__", [](const PopulationSummary& p) {
        char text[96];
        std::snprintf(text, sizeof text, ": %u neurons, %.3g Hz, CV %.2f>", p.size, p.rate_hz,
                      p.cv_isi);
        return "<'" + p.name + "'" + text;
      });

  nb::class_<Recording>(m, "Recording", "What a simulation recorded. Arrays are views into it.")
      .def_ro("network", &Recording::network)
      .def_ro("dt_ms", &Recording::dt_ms)
      .def_ro("steps", &Recording::steps)
      .def_ro("seed", &Recording::seed)
      .def_ro("replica", &Recording::replica)
      .def_prop_ro("duration_ms",
                   [](const Recording& r) { return static_cast<double>(r.steps) * r.dt_ms; })
      .def_prop_ro("spikes", [](const Shared& r) { return parts(r, r->spikes); })
      .def_prop_ro("traces", [](const Shared& r) { return parts(r, r->traces); })
      .def_prop_ro("weights", [](const Shared& r) { return parts(r, r->weights); })
      .def_ro("populations", &Recording::populations)
      .def_prop_ro(
          "changes",
          [](const Recording& r) {
            nb::list all;
            for (const Recording::Change& c : r.changes)
              all.append(nb::make_tuple(c.step, c.population, c.parameter, c.value));
            return all;
          },
          "`set` calls during the run: (step, population, parameter, value).")
      .def(
          "spikes_of",
          [](const Shared& r, const std::string& population) {
            return find(r, r->spikes, population, "spike record",
                        [](const SpikeRecord& s) { return s.population; });
          },
          "population"_a)
      .def(
          "trace_of",
          [](const Shared& r, const std::string& population, const std::string& variable) {
            return find(r, r->traces, population + "." + variable, "trace",
                        [](const TraceRecord& t) { return t.population + "." + t.variable; });
          },
          "population"_a, "variable"_a)
      .def(
          "weights_of",
          [](const Shared& r, const std::string& projection) {
            return find(r, r->weights, projection, "weight record",
                        [](const WeightRecord& w) { return w.projection; });
          },
          "projection"_a)
      .def("__repr__", [](const Recording& r) {
        char ms[48];
        std::snprintf(ms, sizeof ms, "%g ms", static_cast<double>(r.steps) * r.dt_ms);
        return "<recording of '" + r.network + "', " + ms + ": " + std::to_string(r.spikes.size()) +
               " spike, " + std::to_string(r.traces.size()) + " trace and " +
               std::to_string(r.weights.size()) + " weight records>";
      });

  nb::module_ report = m.def_submodule("report", "Reports: one HTML file that opens anywhere.");
  const auto context = [](const std::string& title, const std::string& doc) {
    report::ReportContext c;
    c.title = title;
    c.doc = doc;
    c.provenance = {{"callosum", std::string(CALLOSUM_VERSION) + ", from Python"}};
    return c;
  };
  report.def(
      "write",
      [context](const std::string& path, const Recording& r, const std::string& title,
                const std::string& doc) { report::write(path, r, context(title, doc)); },
      "path"_a, "recording"_a, nb::kw_only(), "title"_a = "", "doc"_a = "");
  report.def(
      "html",
      [context](const Recording& r, const std::string& title, const std::string& doc) {
        return report::html(r, context(title, doc));
      },
      "recording"_a, nb::kw_only(), "title"_a = "", "doc"_a = "");
}

}  // namespace callosum::python
