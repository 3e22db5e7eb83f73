#include "callosum/learn/unroll.h"

#include <nanobind/stl/unique_ptr.h>

#include <variant>

#include "convert.h"

namespace callosum::python {
namespace {

using learn::SpikeBits;

/// Numbers that lie in memory row by row: NumPy's, or of whatever gives itself out by DLPack.
template <class T>
using Buffer = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;

template <class T>
std::span<const T> numbers(nb::handle given, const std::string& where,
                           std::vector<std::unique_ptr<Buffer<T>>>& kept) {
  auto buffer = std::make_unique<Buffer<T>>();
  if (!nb::try_cast(given, *buffer))
    throw nb::type_error(message({.where = where,
                                  .what = "numbers are needed",
                                  .got = nb::repr(given.type()).c_str(),
                                  .expected = "an array, of NumPy or by DLPack, on the processor"})
                             .c_str());
  const std::span<const T> result(buffer->data(), buffer->size());
  kept.push_back(std::move(buffer));
  return result;
}

template <class T>
SpikeBits bits(std::span<const T> values, std::int64_t steps, std::int64_t batch,
               const std::string& where) {
  const auto rows = static_cast<std::size_t>(steps * batch);
  if (rows == 0 || values.size() % rows != 0)
    throw ShapeError({.where = where,
                      .what = "the number of values does not fit",
                      .got = std::to_string(values.size()),
                      .expected = "[time, batch, unit] with " + std::to_string(rows) + " rows"});
  const std::size_t units = values.size() / rows;
  SpikeBits result(steps, batch, static_cast<std::uint32_t>(units));
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (values[k] == 0) continue;
    if (values[k] != 1)
      throw ValueError({.where = where,
                        .what = "a spike is 0 or 1",
                        .got = std::to_string(values[k]),
                        .expected = "0 or 1"});
    const auto row = static_cast<std::int64_t>(k / units);
    result.set(row / batch, row % batch, static_cast<std::uint32_t>(k % units));
  }
  return result;
}

constexpr std::array surrogates = {
    std::pair{"fast_sigmoid", model::Surrogate::fast_sigmoid},
    std::pair{"arctan", model::Surrogate::arctan},
    std::pair{"triangle", model::Surrogate::triangle},
    std::pair{"gaussian", model::Surrogate::gaussian},
    std::pair{"sigmoid", model::Surrogate::sigmoid},
    std::pair{"rectangle", model::Surrogate::rectangle},
    std::pair{"straight_through", model::Surrogate::straight_through},
    std::pair{"none", model::Surrogate::none}};

model::Surrogate surrogate(const std::string& name) {
  std::vector<std::string> known;
  std::string all;
  for (const auto& [text, value] : surrogates) {
    if (name == text) return value;
    known.emplace_back(text);
    all += (all.empty() ? "" : ", ") + known.back();
  }
  throw NameError({.where = "Unroll, surrogate",
                   .what = "there is no such surrogate",
                   .got = name,
                   .expected = all,
                   .nearest = nearest_name(name, known)});
}

/// Unroll at a precision that is chosen when it is made.
class PythonUnroll {
 private:
  template <class F>
  auto visit(F f) {
    if (auto* u = std::get_if<learn::Unroll<double>>(&unroll_)) return f(*u);
    return f(std::get<learn::Unroll<float>>(unroll_));
  }
  template <class T>
  static nb::object shaped(std::vector<T> values, std::vector<std::size_t> dims) {
    return new_array(std::move(values), std::move(dims));
  }
  template <class T>
  static nb::object over_time(learn::Unroll<T>& u, std::span<const T> values) {
    const auto t = static_cast<std::size_t>(u.steps()), b = static_cast<std::size_t>(u.batch());
    return shaped(std::vector<T>(values.begin(), values.end()), {t, b, values.size() / (t * b)});
  }
  /// Weights of all pairs: [source, target].
  std::vector<std::size_t> shape(const std::string& name, std::size_t n) const {
    for (const Projection& p : network_.projections())
      if (p.name == name && p.rule.kind == Rule::Kind::all_to_all &&
          n == static_cast<std::size_t>(p.from.size()) * p.to.size())
        return {p.from.size(), p.to.size()};
    return {n};
  }

 public:
  PythonUnroll(Network network, learn::UnrollOptions options, bool twofold) : network_(network) {
    if (twofold)
      unroll_.emplace<learn::Unroll<double>>(std::move(network), std::move(options));
    else
      unroll_.emplace<learn::Unroll<float>>(std::move(network), std::move(options));
  }

  void forward(std::int64_t steps, std::int64_t batch, const nb::dict& spikes,
               const nb::dict& currents, bool keep) {
    visit([&]<class T>(learn::Unroll<T>& u) {
      std::vector<std::unique_ptr<Buffer<T>>> kept;
      typename learn::Unroll<T>::Inputs inputs;
      for (const auto& [key, value] : spikes) {
        const auto name = nb::cast<std::string>(key);
        const std::string where = "Unroll.forward, spikes of '" + name + "'";
        inputs.spikes[name] = bits<T>(numbers<T>(value, where, kept), steps, batch, where);
      }
      for (const auto& [key, value] : currents) {
        const auto name = nb::cast<std::string>(key);
        inputs.currents[name] = numbers<T>(value, "Unroll.forward, current '" + name + "'", kept);
      }
      nb::gil_scoped_release unlocked;
      u.forward(steps, batch, inputs, keep);
    });
  }

  void backward(const nb::dict& spikes, const nb::dict& counts, const nb::dict& recorded) {
    visit([&]<class T>(learn::Unroll<T>& u) {
      std::vector<std::unique_ptr<Buffer<T>>> kept;
      typename learn::Unroll<T>::Cotangents bars;
      const auto fill = [&](const nb::dict& from, auto& to) {
        for (const auto& [key, value] : from) {
          const auto name = nb::cast<std::string>(key);
          to[name] = numbers<T>(value, "Unroll.backward, '" + name + "'", kept);
        }
      };
      fill(spikes, bars.spikes);
      fill(counts, bars.counts);
      fill(recorded, bars.recorded);
      nb::gil_scoped_release unlocked;
      u.backward(bars);
    });
  }

  nb::object spikes(const std::string& population) {
    return visit([&]<class T>(learn::Unroll<T>& u) -> nb::object {
      const SpikeBits& s = u.spikes(population);
      const auto rows = static_cast<std::size_t>(s.steps() * s.batch());
      std::vector<T> dense(rows * s.units(), T{0});
      std::vector<std::uint32_t> ids(s.units());
      for (std::int64_t t = 0; t < s.steps(); ++t)
        for (std::int64_t b = 0; b < s.batch(); ++b) {
          T* const row = dense.data() + static_cast<std::size_t>(t * s.batch() + b) * s.units();
          const std::size_t n = s.list(t, b, ids.data());
          for (std::size_t k = 0; k < n; ++k) row[ids[k]] = 1;
        }
      return shaped(std::move(dense), {static_cast<std::size_t>(s.steps()),
                                       static_cast<std::size_t>(s.batch()), s.units()});
    });
  }
  nb::object recorded(const std::string& name) {
    return visit([&]<class T>(learn::Unroll<T>& u) { return over_time(u, u.recorded(name)); });
  }
  nb::object input_gradient(const std::string& name) {
    return visit(
        [&]<class T>(learn::Unroll<T>& u) { return over_time(u, u.input_gradient(name)); });
  }
  nb::object gradient(const std::string& name) {
    return visit([&]<class T>(learn::Unroll<T>& u) -> nb::object {
      const std::span<const T> g = u.gradient(name);
      return shaped(std::vector<T>(g.begin(), g.end()), shape(name, g.size()));
    });
  }
  nb::object values(const std::string& name) {
    return visit([&]<class T>(learn::Unroll<T>& u) -> nb::object {
      std::vector<T> v = u.values(name);
      auto dims = shape(name, v.size());
      return shaped(std::move(v), std::move(dims));
    });
  }
  void set(const std::string& name, nb::handle given) {
    visit([&]<class T>(learn::Unroll<T>& u) {
      std::vector<std::unique_ptr<Buffer<T>>> kept;
      u.set(name, numbers<T>(given, "Unroll.set, '" + name + "'", kept));
    });
  }
  std::vector<std::string> trained() {
    return visit([]<class T>(learn::Unroll<T>& u) { return u.trained(); });
  }
  Network network() {
    return visit([]<class T>(learn::Unroll<T>& u) { return u.network(); });
  }
  const Network& description() const { return network_; }
  const char* dtype() const {
    return std::holds_alternative<learn::Unroll<double>>(unroll_) ? "float64" : "float32";
  }

 private:
  Network network_;
  std::variant<std::monostate, learn::Unroll<float>, learn::Unroll<double>> unroll_;
};

}  // namespace

void bind_unroll(nb::module_& m) {
  nb::class_<PythonUnroll>(
      m, "Unroll",
      "A static network unrolled over [time, batch, unit], forward and reverse, with the spikes of "
      "Simulation; free of torch (callosum.torch puts a module around it). Arrays come in and go "
      "out "
      "by DLPack.")
      .def(
          "__init__",
          [](PythonUnroll* self, const Network& network, std::uint64_t seed, int threads,
             const std::string& precision, const std::string& kind, double width, bool detach_reset,
             std::optional<std::vector<std::string>> trained, std::vector<std::string> currents,
             std::vector<std::string> record, bool input_gradients) {
            if (precision != "float" && precision != "double")
              throw NameError({.where = "Unroll, precision",
                               .what = "there is no such precision",
                               .got = precision,
                               .expected = "float or double"});
            learn::UnrollOptions o;
            o.seed = seed;
            o.threads = threads;
            o.surrogate = {surrogate(kind), width, detach_reset};
            o.trained = std::move(trained);
            o.currents = std::move(currents);
            o.record = std::move(record);
            o.input_gradients = input_gradients;
            new (self) PythonUnroll(network, std::move(o), precision == "double");
          },
          "network"_a, nb::kw_only(), "seed"_a = 1, "threads"_a = 1, "precision"_a = "float",
          "surrogate"_a = "fast_sigmoid", "width"_a = 1.0, "detach_reset"_a = false,
          "trained"_a = nb::none(), "currents"_a = std::vector<std::string>(),
          "record"_a = std::vector<std::string>(), "input_gradients"_a = false,
          "trained: names of projections (their weights) and \"population.parameter\"; None: all "
          "weights. currents: \"population.parameter\" that receives an input over time. record: "
          "\"population.state\". surrogate: fast_sigmoid, arctan, triangle, gaussian, sigmoid, "
          "rectangle, straight_through, none; width in units of the threshold.")
      .def("forward", &PythonUnroll::forward, "steps"_a, "batch"_a, "spikes"_a = nb::dict(),
           "currents"_a = nb::dict(), "keep"_a = true,
           "Runs from the initial state. spikes: {population: [time, batch, unit] of 0 and 1}; "
           "currents: {name: [time, batch, unit]}.")
      .def("backward", &PythonUnroll::backward, "spikes"_a = nb::dict(), "counts"_a = nb::dict(),
           "recorded"_a = nb::dict(),
           "The reverse of the last forward pass: derivatives of the loss by population, of sums "
           "over time [batch, unit], of recorded states.")
      .def("spikes", &PythonUnroll::spikes, "population"_a, "[time, batch, unit] of 0 and 1.")
      .def("recorded", &PythonUnroll::recorded, "name"_a)
      .def("gradient", &PythonUnroll::gradient, "trained"_a)
      .def("input_gradient", &PythonUnroll::input_gradient, "name"_a)
      .def("values", &PythonUnroll::values, "name"_a,
           "Weights ([source, target] for all pairs, else [synapse]) or a parameter, internal "
           "units.")
      .def("set", &PythonUnroll::set, "name"_a, "values"_a)
      .def_prop_ro(
          "inputs",
          [](const PythonUnroll& u) {
            std::vector<std::string> names;
            for (const Population& p : u.description().populations())
              if (p.model.name() == "spike_list") names.push_back(p.name);
            return names;
          },
          "Populations that take spikes.")
      .def_prop_ro("trained", &PythonUnroll::trained)
      .def_prop_ro("dtype", &PythonUnroll::dtype)
      .def("network", &PythonUnroll::network,
           "The network with the present weights and parameters, for Simulation or a file.")
      .def("__repr__", [](const PythonUnroll& u) {
        return "<unroll of '" + u.description().name() + "', " + u.dtype() + ">";
      });
}

}  // namespace callosum::python
