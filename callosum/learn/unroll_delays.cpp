#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/error.h"
#include "callosum/learn/unroll_state.h"

// Delays that lie between steps. A projection whose delays are learned has a piece for each whole
// delay of its range, with the synapses that have a tap there; weights and delays get their
// gradients from those of the taps.
namespace callosum::learn {
namespace {

std::string in_ms(double ms) { return std::to_string(ms) + " ms"; }

}  // namespace

template <class T>
void Unroll<T>::Impl::find_learned_delays() {
  std::vector<std::string> names;
  for (const Projection& p : network.projections()) names.push_back(p.name);
  for (const auto& [name, range] : options.delays) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) unknown("no projection of this name has delays to learn", name, names);
    const std::string where = "delays of projection '" + name + "'";
    const auto steps = [&](double ms, const char* what) {
      const auto n = network.grid().steps(Quantity::from_internal(ms, dimension::time), where);
      if (n >= 1 && n <= 65535) return static_cast<std::uint32_t>(n);
      throw ValueError(
          {.where = where, .what = what, .got = in_ms(ms), .expected = "1 to 65535 steps"});
    };
    const std::uint32_t low =
        range.minimum_ms == 0 ? 1 : steps(range.minimum_ms, "the smallest delay");
    const std::uint32_t high = steps(range.maximum_ms, "the largest delay");
    if (low > high)
      throw ValueError({.where = where,
                        .what = "the range holds no delay",
                        .got = in_ms(network.grid().ms(low)) + " to " + in_ms(range.maximum_ms)});
    learned.push_back({static_cast<std::uint32_t>(at - names.begin()), low, high, 0});
  }
  for (LearnedDelays& delays : learned) {
    const std::string& name = names[delays.projection];
    delays.width = kernel_width(name, options.delays.at(name).width_ms);
  }
}

template <class T>
double Unroll<T>::Impl::kernel_width(std::string_view projection, double width_ms) const {
  if (width_ms >= 0 && width_ms < std::numeric_limits<double>::infinity())
    return width_ms / network.grid().dt_ms();
  throw ValueError({.where = "delays of projection '" + std::string(projection) + "'",
                    .what = "the width of a kernel of taps",
                    .got = in_ms(width_ms),
                    .expected = "0 ms (two taps) or more"});
}

template <class T>
typename Unroll<T>::Impl::LearnedDelays* Unroll<T>::Impl::learned_delays(std::uint32_t projection) {
  for (LearnedDelays& delays : learned)
    if (delays.projection == projection) return &delays;
  return nullptr;
}

template <class T>
typename Unroll<T>::Impl::LearnedDelays* Unroll<T>::Impl::learned_delays(std::string_view name) {
  for (LearnedDelays& delays : learned)
    if (name == network.projections()[delays.projection].name + ".delay") return &delays;
  return nullptr;
}

// In steps. What rounding of T took from a whole number of steps is given back.
template <class T>
double Unroll<T>::Impl::delay_steps(const LearnedDelays& delays, T ms) const {
  const double steps = static_cast<double>(ms) / network.grid().dt_ms();
  const double whole = std::nearbyint(steps);
  const bool near =
      std::abs(steps - whole) <= 2 * std::numeric_limits<T>::epsilon() * std::max(1.0, steps);
  return std::clamp(near ? whole : steps, double(delays.low), double(delays.high));
}

template <class T>
void Unroll<T>::Impl::take_delays(LearnedDelays& delays, std::vector<T> ms) {
  const double low = network.grid().ms(delays.low), high = network.grid().ms(delays.high);
  const double slack = 2 * std::numeric_limits<T>::epsilon() * high;
  for (std::size_t k = 0; k < ms.size(); ++k)
    if (!(ms[k] >= low - slack && ms[k] <= high + slack))
      throw ValueError(
          {.where = "delays of projection '" + network.projections()[delays.projection].name + "'",
           .what = "the delay of synapse " + std::to_string(k) + " is outside the range",
           .got = in_ms(static_cast<double>(ms[k])),
           .expected = in_ms(low) + " to " + in_ms(high)});
  delays.delays = std::move(ms);
  delays.changed = true;
}

// Pieces of changed delays or weights anew.
template <class T>
void Unroll<T>::Impl::make_taps() {
  bool any = false;
  for (LearnedDelays& l : learned) {
    if (!l.changed) continue;
    any = true;
    l.changed = false;
    l.used_weights = weights[l.projection];
    l.used_delays = l.delays;
    std::vector<std::vector<typename Piece<T>::Synapse>> synapses(l.high - l.low + 1);
    std::vector<std::vector<T>> shares(synapses.size(), std::vector<T>(l.delays.size()));
    std::vector<DelayTap> taps;
    for (std::size_t k = 0; k < l.synapses.size(); ++k) {
      delay_taps(delay_steps(l, l.delays[k]), l.low, l.high, l.width, taps);
      for (const DelayTap& tap : taps) {
        synapses[tap.delay - l.low].push_back(l.synapses[k]);
        shares[tap.delay - l.low][k] =
            static_cast<T>(static_cast<double>(l.used_weights[k]) * tap.share);
      }
    }
    for (std::size_t d = 0; d < synapses.size(); ++d) {
      Piece<T>& piece = pieces[l.first_piece + d];
      piece = Piece<T>(network, l.projection, l.low + static_cast<std::uint32_t>(d), synapses[d]);
      piece.set(shares[d]);
    }
  }
  if (any) place_gradients();
}

// With weight w and shares s_j(d): by the weight the sum of s_j g_j, by the delay that of
// w s_j'(d) g_j, g_j being the gradient of the tap at delay j.
template <class T>
void Unroll<T>::Impl::reduce_taps(const LearnedDelays& l, std::vector<T>& by_weight,
                                  std::vector<T>& by_delay) const {
  const std::size_t size = l.used_weights.size(), range = l.high - l.low + 1;
  std::vector<std::vector<T>> of_taps(range, std::vector<T>(size));
  for (std::size_t d = 0; d < range; ++d) {
    const std::size_t k = l.first_piece + d;
    pieces[k].read_gradient(chunks[0].weights.data() + gradient_at[k], of_taps[d]);
  }
  by_weight.assign(size, T{0});
  by_delay.assign(size, T{0});
  std::vector<DelayTap> taps;
  for (std::size_t k = 0; k < size; ++k) {
    delay_taps(delay_steps(l, l.used_delays[k]), l.low, l.high, l.width, taps);
    double weight = 0, delay = 0;
    for (const DelayTap& tap : taps) {
      const auto g = static_cast<double>(of_taps[tap.delay - l.low][k]);
      weight += tap.share * g;
      delay += tap.slope * g;
    }
    by_weight[k] = static_cast<T>(weight);
    by_delay[k] =
        static_cast<T>(static_cast<double>(l.used_weights[k]) * delay / network.grid().dt_ms());
  }
}

template <class T>
void Unroll<T>::set_delay_width(std::string_view projection, double width_ms) {
  auto* delays = impl_->learned_delays(std::string(projection) + ".delay");
  if (!delays) {
    std::vector<std::string> names;
    for (const auto& [name, range] : impl_->options.delays) names.push_back(name);
    unknown("the delays of no projection of this name are learned", projection, names);
  }
  delays->width = impl_->kernel_width(projection, width_ms);
  delays->changed = true;
}

template <class T>
void Unroll<T>::round_delays() {
  for (auto& l : impl_->learned) {
    for (T& ms : l.delays)
      ms = static_cast<T>(impl_->network.grid().ms(
          static_cast<std::int64_t>(std::nearbyint(impl_->delay_steps(l, ms)))));
    l.width = 0;
    l.changed = true;
  }
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace callosum::learn
