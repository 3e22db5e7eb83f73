#include "callosum/nets/dense_memory.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "callosum/core/error.h"

namespace callosum::nets {
namespace {

Stream stream_of(const char* name) {
  return Stream(StreamKey(1, name_hash(name), Purpose::user), 0);
}

TEST(Examples, MeansAreThoseOfTheExamplesAndHaveTheirQuality) {
  Stream stream = stream_of("examples");
  const ExampleTask task{.units = 50, .archetypes = 40, .examples = 30, .quality = 0.4};
  const Examples kept = draw_examples(task, stream, true);
  double agree = 0;
  for (std::size_t mu = 0; mu < 40; ++mu)
    for (std::size_t i = 0; i < 50; ++i) {
      double sum = 0;
      for (std::size_t a = 0; a < 30; ++a) sum += kept.single[(mu * 30 + a) * 50 + i];
      ASSERT_NEAR(kept.means[mu * 50 + i], sum / 30, 1e-6);
      agree += kept.archetypes[mu * 50 + i] * sum / 30;
    }
  const double spread = std::sqrt((1 - 0.16) / (30 * 2000));
  EXPECT_NEAR(agree / 2000, 0.4, 5 * spread);
  const Examples means = draw_examples(task, stream);
  agree = 0;
  double square = 0;
  for (std::size_t k = 0; k < 2000; ++k) {
    agree += means.archetypes[k] * means.means[k] / 2000;
    square += means.means[k] * means.means[k] / 2000;
  }
  EXPECT_NEAR(agree, 0.4, 5 * spread);
  EXPECT_NEAR(square, 0.16 + 0.84 / 30, 0.02) << "R = r^2 + (1 - r^2)/M";
  EXPECT_THROW(draw_examples({.quality = 0}, stream), ValueError);
  EXPECT_THROW(draw_examples({.examples = 0}, stream), ValueError);
}

std::vector<float> random_patterns(std::int64_t k, std::int64_t n, Stream& stream) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < k * n; ++i) out.push_back(static_cast<float>(stream.normal()));
  return out;
}
std::vector<std::int8_t> random_state(std::int64_t n, Stream& stream) {
  std::vector<std::int8_t> out;
  for (std::int64_t i = 0; i < n; ++i) out.push_back(stream.bits32() & 1 ? 1 : -1);
  return out;
}

TEST(DenseMemory, FieldsAreDifferencesOfTheEnergy) {
  Stream stream = stream_of("fields");
  for (int order : {2, 4, 6, 20}) {
    const DenseMemory memory(random_patterns(5, 11, stream), 11, order);
    auto s = random_state(11, stream);
    const auto fields = memory.fields(s);
    for (std::size_t i = 0; i < s.size(); ++i) {
      auto up = s, down = s;
      up[i] = 1;
      down[i] = -1;
      const double difference = memory.energy(down) - memory.energy(up);
      EXPECT_NEAR(fields[i], difference, 1e-9 * std::abs(memory.energy(s)) + 1e-12) << order;
    }
  }
}

TEST(DenseMemory, OrderTwoIsHopfieldsNetwork) {
  Stream stream = stream_of("hopfield");
  const std::int64_t n = 30, k = 3;
  const auto w = random_patterns(k, n, stream);
  const DenseMemory memory(w, n, 2);
  const auto s = random_state(n, stream);
  const auto fields = memory.fields(s);
  for (std::int64_t i = 0; i < n; ++i) {
    double h = 0;
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t mu = 0; mu < k && j != i; ++mu)
        h += static_cast<double>(w[mu * n + i]) * w[mu * n + j] * s[j] / n;
    EXPECT_NEAR(fields[i], 4 * h, 1e-12);
  }
}

TEST(DenseMemory, WithoutTemperatureTheEnergyOnlyFalls) {
  Stream stream = stream_of("descent");
  const DenseMemory memory(random_patterns(8, 40, stream), 40, 4);
  auto s = random_state(40, stream);
  double energy = memory.energy(s);
  for (int k = 0; k < 50; ++k) {
    memory.relax(s, stream, {.sweeps = 1});
    EXPECT_LE(memory.energy(s), energy + 1e-9 * std::abs(energy));
    energy = memory.energy(s);
  }
  const auto fields = memory.fields(s);
  for (std::size_t i = 0; i < s.size(); ++i) EXPECT_GE(fields[i] * s[i], 0);
  EXPECT_EQ(memory.relax(s, stream), 1) << "at rest one sweep tells";
  EXPECT_EQ(memory.relax_together(s), 1);
}

TEST(DenseMemory, WithTemperatureStatesComeAsBoltzmannSays) {
  Stream stream = stream_of("boltzmann");
  const DenseMemory memory(random_patterns(2, 4, stream), 4, 2);
  std::vector<std::int8_t> s(4, 1);
  std::map<std::vector<std::int8_t>, int> visits;
  const int sweeps = 40000;
  for (int k = 0; k < sweeps; ++k) {
    memory.relax(s, stream, {.beta = 0.3, .sweeps = 1});
    ++visits[s];
  }
  double partition = 0;
  std::map<std::vector<std::int8_t>, double> weights;
  for (int bits = 0; bits < 16; ++bits) {
    std::vector<std::int8_t> one;
    for (int i = 0; i < 4; ++i) one.push_back(bits >> i & 1 ? 1 : -1);
    partition += weights[one] = std::exp(-0.3 * memory.energy(one));
  }
  for (const auto& [state, weight] : weights) {
    const double p = weight / partition;
    // Sweeps are correlated: four times the error of independent draws.
    EXPECT_NEAR(visits[state] / static_cast<double>(sweeps), p, 20 * std::sqrt(p / sweeps));
  }
}

TEST(DenseMemory, APatternAloneIsRetrieved) {
  Stream stream = stream_of("retrieval");
  const Examples data =
      draw_examples({.units = 100, .archetypes = 1, .examples = 1, .quality = 1}, stream);
  const DenseMemory memory(data.means, 100, 4);
  auto s = data.archetypes;
  for (std::size_t i = 0; i < 20; ++i) s[i] = static_cast<std::int8_t>(-s[i]);
  memory.relax(s, stream);
  EXPECT_EQ(mattis_overlap(s, data.archetypes), 1);
  EXPECT_THROW(DenseMemory(data.means, 100, 3), ValueError);
  EXPECT_NO_THROW(DenseMemory(data.means, 100, 3, true));
  EXPECT_THROW(DenseMemory(data.means, 99, 4), ShapeError);
  EXPECT_THROW(DenseMemory({NAN}, 1, 2), ValueError);
  EXPECT_THROW(memory.relax(s, stream, {.beta = NAN}), ValueError);
}

TEST(DenseMemoryTheory, LimitsAgree) {
  const ExampleTask task{.units = 1000000, .archetypes = 1, .examples = 80, .quality = 0.2};
  EXPECT_NEAR(task.entropy(), 0.3, 1e-12);
  EXPECT_NEAR(copied_overlap(0.3), std::erf(1 / std::sqrt(0.6)), 1e-15);
  EXPECT_NEAR(one_step_overlap(task, 4), copied_overlap(0.3), 1e-6) << "no load";
  EXPECT_NEAR(equilibrium_overlap(task, 2, 1e6), copied_overlap(0.3), 0.05) << "no temperature";
  EXPECT_LT(equilibrium_overlap(task, 2, 1), 1e-3) << "hot";
  EXPECT_EQ(copied_overlap(0), 1);
}

}  // namespace
}  // namespace callosum::nets
