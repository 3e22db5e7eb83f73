#include "callosum/jit/kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <thread>

#include "callosum/core/error.h"
#include "callosum/jit/host.h"
#include "callosum/model/builder.h"
#include "tests/jit/equality.h"

namespace callosum {
namespace {

using model::Op;
using model::SlotKind;
using test::Lanes;

/// V = a * V + in, spike where V > threshold; `in` is arrivals, `a` and the threshold are shared.
model::Program leaky(Precision precision) {
  model::Builder b("leaky");
  const auto v = b.slot({"V", SlotKind::state, true, Dimension{}});
  const auto in = b.slot({"in", SlotKind::input, true, Dimension{}});
  const auto a = b.slot({"a", SlotKind::derived, false, Dimension{}});
  const auto threshold = b.slot({"threshold", SlotKind::parameter, false, Dimension{}});
  const auto next = b.add(b.mul(b.load(a), b.load(v)), b.load(in));
  const auto spike = b.emit(Op::less, {b.load(threshold), next});
  b.store(v, b.select(spike, b.constant(-1), next));
  b.mask("spike", spike);
  return model::lower_functions(b.finish(), precision);
}

TEST(Kernel, ComputesWhatTheProgramSays) {
  const auto program = leaky(Precision::twofold);
  for (const int width : {4, 8, 16}) {
    const jit::Kernel kernel(program, {.lanes = width, .use_cache = false});
    EXPECT_EQ(kernel.lanes(), width);
    EXPECT_GT(kernel.compile_seconds(), 0);
    EXPECT_FALSE(kernel.from_cache());
    Lanes<double> lanes(program, 128);
    lanes.uniform("a") = 0.5;
    lanes.uniform("threshold") = 10;
    // Lanes 3k + 1 of the first word and 5k of the second cross the threshold.
    std::uint64_t expected[2] = {0, 0};
    for (std::size_t i = 0; i < 128; ++i) {
      const bool crosses = i < 64 ? i % 3 == 1 : i % 5 == 0;
      if (crosses) expected[i / 64] |= std::uint64_t{1} << i % 64;
      lanes.column("V")[i] = 2.0 * static_cast<double>(i);
      lanes.column("in")[i] = crosses ? 1000 : -1000;
    }
    lanes.with([&](const auto& a) { kernel.run(a, 0, 128); });
    for (std::size_t i = 0; i < 128; ++i) {
      EXPECT_EQ(lanes.column("in")[i], 0) << i;
      const bool crossed = expected[i / 64] >> i % 64 & 1;
      EXPECT_EQ(lanes.column("V")[i], crossed ? -1 : static_cast<double>(i) - 1000) << i;
    }
    EXPECT_EQ(lanes.mask(0)[0], expected[0]);
    EXPECT_EQ(lanes.mask(0)[1], expected[1]);
  }
}

TEST(Kernel, TouchesOnlyItsRange) {
  const auto program = leaky(Precision::single);
  for (const auto engine : {jit::Engine::machine_code, jit::Engine::interpreter})
    for (const int width : {4, 8, 16}) {
      const jit::Kernel kernel(program, {.engine = engine, .lanes = width, .use_cache = false});
      Lanes<float> lanes(program, 256);
      lanes.uniform("threshold") = -1;
      std::fill(lanes.column("in").begin(), lanes.column("in").end(), 7.0f);
      std::fill(lanes.mask(0).begin(), lanes.mask(0).end(), 0xabcdu);
      lanes.with([&](const auto& a) {
        kernel.run(a, 64, 128);
        kernel.run(a, 192, 192);
      });
      for (std::size_t i = 0; i < 256; ++i)
        EXPECT_EQ(lanes.column("in")[i], i / 64 == 1 ? 0.0f : 7.0f) << i;
      EXPECT_EQ(lanes.mask(0)[0], 0xabcdu);
      EXPECT_EQ(lanes.mask(0)[1], ~std::uint64_t{0});
      EXPECT_EQ(lanes.mask(0)[2], 0xabcdu);
      EXPECT_EQ(lanes.mask(0)[3], 0xabcdu);
    }
}

TEST(Kernel, LoadsSeeTheStartOfTheStepAlsoWhenStatesChangePlaces) {
  model::Builder b("swap");
  const auto x = b.slot({"x", SlotKind::state, true, Dimension{}});
  const auto y = b.slot({"y", SlotKind::state, true, Dimension{}});
  const auto in = b.slot({"in", SlotKind::input, true, Dimension{}});
  b.store(x, b.load(y));
  b.store(y, b.load(in));
  b.store(in, b.load(x));  // a store to an input comes after its zeroing
  const auto program = model::lower_functions(b.finish(), Precision::twofold);
  Lanes<double> start(program, 64);
  for (std::size_t s = 0; s < 3; ++s)
    for (std::size_t i = 0; i < 64; ++i) start.column(s)[i] = 100.0 * double(s) + double(i);
  test::expect_as_interpreted(program, start);
  Lanes<double> lanes = start;
  const jit::Kernel kernel(program, {.use_cache = false});
  lanes.with([&](const auto& a) { kernel.run(a, 0, 64); });
  EXPECT_EQ(lanes.column("x")[5], 105);
  EXPECT_EQ(lanes.column("y")[5], 205);
  EXPECT_EQ(lanes.column("in")[5], 5);
}

TEST(Kernel, SlotsMayBeLoadedTwice) {
  model::Program program;
  program.name = "twice";
  program.slots = {{"x", SlotKind::state, true, Dimension{}},
                   {"y", SlotKind::state, true, Dimension{}}};
  program.code = {
      {Op::load, 0, 0, {}}, {Op::add, 0, 0, {0, 0}}, {Op::load, 0, 0, {}}, {Op::sqrt, 0, 0, {2}}};
  program.stores = {{0, 1}, {1, 3}};
  program.lowered = true;
  Lanes<double> start(program, 64);
  for (std::size_t i = 0; i < 64; ++i) start.column("x")[i] = static_cast<double>(i);
  test::expect_as_interpreted(program, start);
}

TEST(Kernel, ZeroesAnInputThatNothingReads) {
  model::Builder b("deaf");
  b.slot({"in", SlotKind::input, true, Dimension{}});
  const auto x = b.slot({"x", SlotKind::state, true, Dimension{}});
  b.store(x, b.constant(3));
  b.mask("always", b.boolean(true));
  const auto program = model::lower_functions(b.finish(), Precision::single);
  Lanes<float> start(program, 64);
  std::fill(start.column("in").begin(), start.column("in").end(), 7.0f);
  test::expect_as_interpreted(program, start);
  const jit::Kernel kernel(program, {.use_cache = false});
  start.with([&](const auto& a) { kernel.run(a, 0, 64); });
  EXPECT_EQ(start.column("in")[63], 0);
  EXPECT_EQ(start.column("x")[63], 3);
  EXPECT_EQ(start.mask(0)[0], ~std::uint64_t{0});
}

TEST(Kernel, FlushesSubnormalsWhoeverCalls) {
  model::Builder b("tiny");
  const auto x = b.slot({"x", SlotKind::state, true, Dimension{}});
  b.store(x, b.mul(b.load(x), b.constant(0.25)));
  const auto program = model::lower_functions(b.finish(), Precision::single);
  const jit::Kernel kernel(program, {.use_cache = false});
  Lanes<float> lanes(program, 64);
  const auto run_from = [&](float start) {
    std::fill(lanes.column("x").begin(), lanes.column("x").end(), start);
    lanes.with([&](const auto& a) { kernel.run(a, 0, 64); });
    return lanes.column("x")[0];
  };
  EXPECT_EQ(run_from(std::numeric_limits<float>::min()), 0);
  EXPECT_EQ(run_from(8 * std::numeric_limits<float>::min()), 2 * std::numeric_limits<float>::min());
  // The caller's own arithmetic is as before.
  volatile float half = std::numeric_limits<float>::min();
  half = half / 2;
  EXPECT_NE(half, 0);
  const FlushSubnormals flush;
  EXPECT_EQ(run_from(std::numeric_limits<float>::min()), 0);
}

TEST(Kernel, MultiplyAddIsRoundedOnceOnlyWhereTheProgramSaysSo) {
  const double e = std::numeric_limits<double>::epsilon();
  const auto run = [&](bool fused) {
    model::Builder b("rounding");
    const auto x = b.slot({"x", SlotKind::state, true, Dimension{}});
    const auto v = b.load(x);
    const auto minus_one = b.constant(-1);
    b.store(x, fused ? b.fma(v, v, minus_one) : b.add(b.mul(v, v), minus_one));
    const auto program = model::lower_functions(b.finish(), Precision::twofold);
    const jit::Kernel kernel(program, {.use_cache = false});
    Lanes<double> lanes(program, 64);
    std::fill(lanes.column("x").begin(), lanes.column("x").end(), 1 + e);
    lanes.with([&](const auto& a) { kernel.run(a, 0, 64); });
    return lanes.column("x")[9];
  };
  EXPECT_EQ(run(true), 2 * e + e * e);
  EXPECT_EQ(run(false), 2 * e);
}

TEST(Kernel, CopiesShareTheCodeAndOutliveTheOriginal) {
  const auto program = leaky(Precision::twofold);
  auto original = std::make_unique<jit::Kernel>(program, jit::KernelOptions{.use_cache = false});
  const jit::Kernel copy = *original;
  original.reset();
  Lanes<double> lanes(program, 64);
  lanes.column("in")[1] = 4;
  lanes.with([&](const auto& a) { copy.run(a, 0, 64); });
  EXPECT_EQ(lanes.mask(0)[0], 2u);
}

TEST(Kernel, IsCompiledAndRunByManyThreadsAtOnce) {
  const auto program = leaky(Precision::single);
  std::vector<std::thread> threads;
  std::vector<float> results(4);
  for (std::size_t t = 0; t < results.size(); ++t)
    threads.emplace_back([&, t] {
      for (int n = 0; n < 5; ++n) {
        const jit::Kernel kernel(program, {.lanes = n % 2 ? 8 : 16, .use_cache = false});
        Lanes<float> lanes(program, 64);
        lanes.uniform("a") = 0.5f;
        lanes.uniform("threshold") = 100;
        lanes.column("V")[7] = 4;
        lanes.with([&](const auto& a) { kernel.run(a, 0, 64); });
        results[t] += lanes.column("V")[7];
      }
    });
  for (auto& thread : threads) thread.join();
  for (const float r : results) EXPECT_EQ(r, 10);
}

TEST(Kernel, InterpreterEngineNeedsNoCompiler) {
  const auto program = leaky(Precision::twofold);
  const jit::Kernel kernel(program, {.engine = jit::Engine::interpreter});
  EXPECT_FALSE(kernel.from_cache());
  Lanes<double> lanes(program, 64);
  lanes.uniform("threshold") = 3;
  lanes.column("in")[1] = 4;
  lanes.with([&](const auto& a) { kernel.run(a, 0, 64); });
  EXPECT_EQ(lanes.mask(0)[0], 2u);
}

TEST(Kernel, RefusesWhatItCannotRun) {
  model::Builder b("high");
  const auto x = b.slot({"x", SlotKind::state, true, Dimension{}});
  b.store(x, b.emit(Op::exp, {b.load(x)}));
  EXPECT_THROW(jit::Kernel{b.finish()}, std::logic_error);

  const auto program = leaky(Precision::twofold);
  EXPECT_THROW(jit::Kernel(program, {.lanes = 5}), ValueError);
  EXPECT_THROW(jit::Kernel(program, {.lanes = -8}), ValueError);
  const jit::Kernel kernel(program, {.use_cache = false});
  Lanes<double> lanes(program, 128);
  lanes.with([&](const auto& a) {
    EXPECT_THROW(kernel.run(a, 0, 65), std::logic_error);
    EXPECT_THROW(kernel.run(a, 8, 64), std::logic_error);
  });

  model::Builder shared("shared");
  const auto y = shared.slot({"y", SlotKind::derived, false, Dimension{}});
  shared.store(y, shared.constant(2));
  const auto constants = model::lower_functions(shared.finish(), Precision::twofold);
  EXPECT_THROW(jit::Kernel{constants}, std::logic_error);
  EXPECT_NO_THROW(jit::Kernel(constants, {.engine = jit::Engine::interpreter}));
}

TEST(Host, PrefersVectorsThatFillARegister) {
  jit::Host host;
  EXPECT_EQ(preferred_lanes(host, Precision::single), 4);
  EXPECT_EQ(preferred_lanes(host, Precision::twofold), 4);
  host.features = {{"avx2", true}, {"avx512f", false}};
  EXPECT_EQ(preferred_lanes(host, Precision::single), 8);
  EXPECT_EQ(preferred_lanes(host, Precision::twofold), 4);
  for (const char* f : {"avx512f", "avx512vl", "avx512dq"}) host.features[f] = true;
  EXPECT_EQ(preferred_lanes(host, Precision::single), 16);
  EXPECT_EQ(preferred_lanes(host, Precision::twofold), 8);
}

TEST(Host, OldProcessorsAreRefusedByName) {
  EXPECT_NO_THROW(require_floor(jit::host()));
  jit::Host old{.triple = "x86_64-pc-linux-gnu", .processor = "core2"};
  for (const char* f : {"cx16", "sahf", "ssse3", "sse4.1"}) old.features[f] = true;
  try {
    require_floor(old);
    FAIL();
  } catch (const ResourceError& error) {
    EXPECT_NE(std::string(error.what()).find("core2"), std::string::npos);
    EXPECT_NE(error.detail().got.find("avx2"), std::string::npos);
    EXPECT_EQ(error.detail().expected, "x86-64-v3");
  }
  jit::Host other{.triple = "riscv64-unknown-linux-gnu", .processor = "sifive"};
  EXPECT_THROW(require_floor(other), ResourceError);
  jit::Host arm{.triple = "aarch64-unknown-linux-gnu",
                .processor = "a64fx",
                .features = {{"neon", true}},
                .compiler = {}};
  EXPECT_NO_THROW(require_floor(arm));
}

}  // namespace
}  // namespace callosum
