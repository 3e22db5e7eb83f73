#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace callosum::learn_tests {

/// Layers of LIF neurons with exponential currents in continuous time: spike times to rounding, and
/// the derivative of a weighted sum of them by EventProp (Wunderlich and Pehle 2021). The oracle of
/// the version on the grid; central differences are its own. Small and slow.
class OffGridNetwork {
 public:
  double tau_m = 10, tau_s = 5, C_m = 1, V_th = 1, V_reset = 0, t_ref = 0;  ///< E_L = 0

  struct Synapse {
    std::size_t source, target;  ///< inputs first, then neurons
    double weight, delay;
  };
  struct Spike {
    double time;
    std::size_t unit;
  };
  std::size_t inputs = 0, neurons = 0;
  std::vector<Synapse> synapses;
  std::vector<Spike> input;  ///< ascending

  /// Spikes of neurons up to `end`, ascending; units count from 0 without inputs.
  std::vector<Spike> run(double end) {
    std::vector<State> states(neurons);
    arrivals_.clear();
    fired_.clear();
    for (const Spike& s : input) send(s.time, s.unit, std::nullopt);
    while (true) {
      std::size_t first = arrivals_.size();  // next arrival
      for (std::size_t k = 0; k < arrivals_.size(); ++k)
        if (!arrivals_[k].done &&
            (first == arrivals_.size() || arrivals_[k].time < arrivals_[first].time))
          first = k;
      double time = first == arrivals_.size() ? end : std::min(arrivals_[first].time, end);
      std::optional<std::size_t> crosses;
      for (std::size_t i = 0; i < neurons; ++i)
        if (const auto t = crossing(states[i], time)) {
          time = *t;
          crosses = i;
        }
      if (!crosses && time >= end) break;
      if (crosses) {
        State& s = states[*crosses];
        advance(s, time);
        fired_.push_back({time, *crosses, -V_th / tau_m + s.I / C_m, s.I});
        s.V = V_reset;
        s.held_until = time + t_ref;
        send(time, inputs + *crosses, fired_.size() - 1);
        continue;
      }
      arrivals_[first].done = true;
      State& s = states[synapses[arrivals_[first].synapse].target - inputs];
      advance(s, time);
      s.I += synapses[arrivals_[first].synapse].weight;
    }
    std::vector<Spike> result;
    for (const Fired& f : fired_) result.push_back({f.time, f.unit});
    return result;
  }

  struct Gradient {
    std::vector<double> weights, delays;
  };
  /// Of the sum over the spikes of the last run of by_time times its time.
  Gradient gradient(const std::vector<double>& by_time, double end) const {
    Gradient g{std::vector<double>(synapses.size()), std::vector<double>(synapses.size())};
    std::vector<double> by_V(neurons), by_I(neurons), at(neurons, end), bars = by_time;
    std::vector<double> hold_from(neurons, std::numeric_limits<double>::infinity());
    struct Event {
      double time;
      int kind;  // 0: arrival, 1: end of a hold, 2: spike
      std::size_t index;
    };
    std::vector<Event> events;
    for (std::size_t k = 0; k < arrivals_.size(); ++k)
      if (arrivals_[k].done) events.push_back({arrivals_[k].time, 0, k});
    for (std::size_t k = 0; k < fired_.size(); ++k) {
      const double over = fired_[k].time + t_ref;
      if (over < end)
        events.push_back({over, 1, k});
      else
        hold_from[fired_[k].unit] = fired_[k].time;
      events.push_back({fired_[k].time, 2, k});
    }
    // At equal times (no hold) the end comes before the spike, going back.
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
      return a.time != b.time ? a.time > b.time : a.kind < b.kind;
    });
    const auto back = [&](std::size_t i, double time) {
      const double d = at[i] - time;
      const double into = hold_from[i] < std::numeric_limits<double>::infinity() ? 0 : by_V[i];
      by_I[i] = by_I[i] * std::exp(-d / tau_s) + into * I_to_V(d);
      by_V[i] = into * std::exp(-d / tau_m);
      at[i] = time;
    };
    for (const Event& e : events) {
      if (e.kind == 0) {
        const Arrival& a = arrivals_[e.index];
        const Synapse& s = synapses[a.synapse];
        const std::size_t i = s.target - inputs;
        back(i, e.time);
        const double by_arrival = s.weight * (by_I[i] / tau_s - by_V[i] / C_m);
        g.weights[a.synapse] += by_I[i];
        g.delays[a.synapse] += by_arrival;
        if (a.sender) bars[*a.sender] += by_arrival;
        continue;
      }
      const Fired& f = fired_[e.index];
      back(f.unit, e.time);
      if (e.kind == 1) {
        const double current = f.current * std::exp(-t_ref / tau_s) + arrived_in(f);
        bars[e.index] -= by_V[f.unit] * (-V_reset / tau_m + current / C_m);
        by_V[f.unit] = 0;
        hold_from[f.unit] = f.time;
      } else {
        by_V[f.unit] = -bars[e.index] / f.slope;
        hold_from[f.unit] = std::numeric_limits<double>::infinity();
      }
    }
    return g;
  }

 private:
  struct State {
    double time = 0, V = 0, I = 0, held_until = 0;
  };
  struct Arrival {
    double time;
    std::size_t synapse;
    std::optional<std::size_t> sender;  ///< in fired_
    bool done = false;
  };
  struct Fired {
    double time;
    std::size_t unit;
    double slope, current;
  };

  double I_to_V(double d) const {
    return tau_m * tau_s / (C_m * (tau_m - tau_s)) * (std::exp(-d / tau_m) - std::exp(-d / tau_s));
  }
  /// Current that arrivals within the hold of a spike leave at its end.
  double arrived_in(const Fired& f) const {
    double sum = 0;
    for (const Arrival& a : arrivals_)
      if (a.done && synapses[a.synapse].target == inputs + f.unit && a.time > f.time &&
          a.time < f.time + t_ref)
        sum += synapses[a.synapse].weight * std::exp(-(f.time + t_ref - a.time) / tau_s);
    return sum;
  }
  void send(double time, std::size_t source, std::optional<std::size_t> sender) {
    for (std::size_t k = 0; k < synapses.size(); ++k)
      if (synapses[k].source == source) arrivals_.push_back({time + synapses[k].delay, k, sender});
  }
  void advance(State& s, double time) const {
    const double free = std::max(s.time, std::min(s.held_until, time));
    s.I *= std::exp(-(free - s.time) / tau_s);
    const double d = time - free;
    s.V = s.V * std::exp(-d / tau_m) + s.I * I_to_V(d);
    s.I *= std::exp(-d / tau_s);
    s.time = time;
  }
  /// When V first reaches the threshold before `end`.
  std::optional<double> crossing(State s, double end) const {
    const double from = std::max(s.time, std::min(s.held_until, end));
    advance(s, from);
    const auto V = [&](double time) {
      State later = s;
      advance(later, time);
      return later.V;
    };
    // V = a exp(-t/tau_m) + b exp(-t/tau_s) has one extremum at most.
    const double b = -s.I * tau_m * tau_s / (C_m * (tau_m - tau_s)), a = s.V - b;
    const double ratio = -(b * tau_m) / (a * tau_s);
    double top = end;
    if (ratio > 0) {
      const double at = from + std::log(ratio) / (1 / tau_s - 1 / tau_m);
      if (at > from && at < end) top = at;
    }
    double low = from, high = top;
    if (!(V(high) >= V_th)) {
      if (!(V(end) >= V_th)) return std::nullopt;
      low = top, high = end;
    }
    if (V(low) >= V_th) return std::nullopt;
    for (int k = 0; k < 200 && high > low; ++k) {
      const double middle = 0.5 * (low + high);
      if (middle == low || middle == high) break;
      (V(middle) >= V_th ? high : low) = middle;
    }
    return high;
  }

  std::vector<Arrival> arrivals_;
  std::vector<Fired> fired_;
};

}  // namespace callosum::learn_tests
