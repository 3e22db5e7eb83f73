#include <bit>

#include "callosum/network/network.h"

namespace callosum {

namespace {

/// FNV-1a over a canonical form: numbers as little-endian bytes, sequences with their length first.
/// Two descriptions hash alike only if they agree in every part (but for collisions).
class Fingerprint {
 public:
  std::uint64_t value() const { return hash_; }

  Fingerprint& operator<<(std::uint64_t x) {
    for (int i = 0; i < 64; i += 8) byte(static_cast<unsigned char>(x >> i));
    return *this;
  }
  Fingerprint& operator<<(std::uint32_t x) { return *this << std::uint64_t{x}; }
  Fingerprint& operator<<(std::int64_t x) { return *this << static_cast<std::uint64_t>(x); }
  Fingerprint& operator<<(int x) { return *this << static_cast<std::int64_t>(x); }
  Fingerprint& operator<<(bool x) { return *this << std::uint64_t{x}; }
  Fingerprint& operator<<(double x) {
    // -0 and 0 are one value.
    return *this << std::bit_cast<std::uint64_t>(x == 0 ? 0.0 : x);
  }
  Fingerprint& operator<<(std::string_view text) {
    *this << std::uint64_t{text.size()};
    for (char c : text) byte(static_cast<unsigned char>(c));
    return *this;
  }
  Fingerprint& operator<<(const std::string& text) { return *this << std::string_view(text); }
  Fingerprint& operator<<(Dimension d) {
    for (int b = 0; b < 7; ++b) *this << d.exponent(static_cast<Dimension::Base>(b));
    return *this;
  }
  Fingerprint& operator<<(Quantity q) { return *this << q.si << q.dimension; }
  template <class T>
  Fingerprint& operator<<(const std::optional<T>& x) {
    *this << x.has_value();
    return x ? *this << *x : *this;
  }
  template <class T>
  Fingerprint& operator<<(const std::vector<T>& items) {
    *this << std::uint64_t{items.size()};
    for (const T& x : items) *this << x;
    return *this;
  }
  template <class T>
  Fingerprint& operator<<(const std::map<std::string, T>& items) {
    *this << std::uint64_t{items.size()};
    for (const auto& [key, x] : items) *this << key << x;
    return *this;
  }
  Fingerprint& operator<<(const Values& v) {
    *this << static_cast<int>(v.kind()) << v.dimension() << v.first() << v.second() << v.low()
          << v.high() << static_cast<int>(v.policy()) << std::uint64_t{v.elements().size()};
    for (double x : v.elements()) *this << x;
    return *this;
  }
  Fingerprint& operator<<(const model::Model& m) { return *this << m.to_string(); }
  Fingerprint& operator<<(const View& v) {
    return *this << v.population << v.begin << v.end << v.step << v.list;
  }
  Fingerprint& operator<<(const Space& s) {
    *this << s.dimensions << s.wrap << s.grid << s.positions_um;
    for (double x : s.extent_um) *this << x;
    return *this;
  }
  Fingerprint& operator<<(const Population& p) {
    return *this << p.name << p.size << p.model << p.parameters << p.initial << p.space << p.method
                 << p.substeps << p.spike_neurons << p.spike_steps;
  }
  Fingerprint& operator<<(const Rule& r) {
    return *this << static_cast<int>(r.kind) << r.probability << r.number << r.sources << r.targets
                 << static_cast<int>(r.profile) << r.sigma_um << r.maximum_um << r.autapses
                 << r.multapses;
  }
  Fingerprint& operator<<(const Link& l) {
    return *this << l.from << l.variable << l.rule << l.weight << l.delay;
  }
  Fingerprint& operator<<(const SynapseOptions& s) {
    // Where rows are kept decides no result.
    if (!s.links.empty()) *this << s.links;
    return *this << s.target << s.weight << static_cast<int>(s.weight_precision) << s.delay
                 << s.model << s.parameters << s.velocity << static_cast<int>(s.state)
                 << s.source_variable << s.name << s.dendritic_delay;
  }
  Fingerprint& operator<<(const Projection& p) {
    return *this << p.name << p.from << p.to << p.rule << p.synapse;
  }
  Fingerprint& operator<<(const Stimulus& s) {
    return *this << static_cast<int>(s.kind) << s.name << s.to << s.target << s.value << s.amplitude
                 << s.frequency << s.phase << s.rate << s.sources << s.times << s.samples << s.start
                 << s.stop << s.interval;
  }
  Fingerprint& operator<<(const Recorder& r) {
    return *this << static_cast<int>(r.kind) << r.view << r.variable << r.projection << r.interval;
  }

 private:
  void byte(unsigned char c) { hash_ = (hash_ ^ c) * 0x100000001b3ull; }
  std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

}  // namespace

std::uint64_t Network::hash() const {
  Fingerprint f;
  f << grid_.dt() << static_cast<int>(schedule_) << populations_ << projections_ << stimuli_
    << recorders_;
  return f.value();
}

}  // namespace callosum
