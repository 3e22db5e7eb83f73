#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/learn/torch/convolution_stack.h"
#include "callosum/learn/torch/evaluate.h"
#include "callosum/learn/torch/task_file.h"
#include "callosum/library/library.h"
#include "callosum/nets/draws.h"
#include "callosum/sim/simulation.h"
#include "tests/temporary_folder.h"

// Stacks of convolutions: as synapses against libtorch's own operations, as networks against the
// simulation.
namespace callosum::learn {
namespace {

using namespace callosum::literals;

const std::map<std::string, Values> lif{
    {"V_th", 1_mV}, {"E_L", 0_mV}, {"V_reset", 0_mV}, {"tau_m", 2_ms}, {"t_ref", 0_ms}};

/// 8 x 8 pictures with bars that lie (class 0) or stand (class 1), anywhere.
SpikeSamples bars(std::int64_t count, std::uint64_t seed) {
  nets::Draws draws(seed, "bars");
  std::vector<std::int64_t> labels;
  for (std::int64_t k = 0; k < count; ++k) labels.push_back(k % 2);
  SpikeSamples samples(labels, 2, 6, 64, 1);
  const at::Tensor place = draws.integers({count, 2}, 8), lit = draws.uniform({count, 6, 64});
  for (std::int64_t k = 0; k < count; ++k)
    for (std::int64_t t = 0; t < 6; ++t)
      for (std::int64_t i = 0; i < 64; ++i) {
        const std::int64_t line = k % 2 == 0 ? i / 8 : i % 8;
        const bool in_bar = line == place[k][0].item<std::int64_t>();
        if (lit[k][t][i].item<double>() < (in_bar ? 0.8 : 0.1))
          samples.set(k, t, static_cast<std::uint32_t>(i));
      }
  return samples;
}

Network populations() {
  Network net(1_ms);
  net.add_spike_list("in", 64, {}, {});
  net.add("first", 4 * 3 * 3, library::neuron("lif_psc_delta"), {.parameters = lif});
  net.add("out", 2, library::neuron("leaky_integrator"));
  return net;
}
std::vector<Convolution> convolutions() {
  return {{.name = "first",
           .from = "in",
           .to = "first",
           .input = {1, 8, 8},
           .channels = 4,
           .kernel = 3,
           .pool = 2},
          {.name = "out",
           .from = "first",
           .to = "out",
           .input = {4, 3, 3},
           .channels = 2,
           .kernel = 3,
           .norm = false}};
}
ConvolutionStack stack(std::uint64_t seed = 1) {
  return ConvolutionStack(populations(), convolutions(),
                          {.seed = seed,
                           .threads = 2,
                           .surrogate = {model::Surrogate::arctan, 0.5},
                           .outputs = {"out.V_m", "first.count"}});
}
const Readout readout{.output = "out.V_m", .kind = Readout::Kind::mean};

class Shapes : public testing::TestWithParam<Convolution> {};

TEST_P(Shapes, UnfoldToTheSynapsesThatLibtorchComputesWith) {
  const Convolution& c = GetParam();
  nets::Draws draws(3, "unfold");
  const at::Tensor w = draws.normal({c.channels, c.input[0], c.kernel, c.kernel});
  const at::Tensor b = draws.normal({c.channels});
  const at::Tensor x = draws.normal({5, c.input[0], c.input[1], c.input[2]});
  at::Tensor expected = at::conv2d(x, w, b, c.stride, c.padding);
  if (c.pool > 1) expected = at::avg_pool2d(expected, c.pool);
  const auto shape = c.output();
  ASSERT_EQ(expected.sizes(), at::IntArrayRef({5, shape[0], shape[1], shape[2]}));
  const at::Tensor pooled = at::conv2d(x, pooled_kernel(c, w), b, c.stride * c.pool, c.padding);
  ASSERT_EQ(pooled.sizes(), expected.sizes());
  EXPECT_LT((pooled - expected).abs().max().item<double>(), 1e-12);
  const Unfolded all = unfold(c, w, b);
  const at::Tensor from = x.reshape({5, -1}).contiguous(), to = expected.reshape({5, -1});
  for (std::int64_t k = 0; k < 5; ++k) {
    std::vector<double> sum = all.constants;
    for (std::size_t s = 0; s < all.weights.size(); ++s)
      sum[all.targets[s]] += all.weights[s] * from[k][all.sources[s]].item<double>();
    for (std::size_t i = 0; i < sum.size(); ++i)
      ASSERT_NEAR(sum[i], to[k][static_cast<std::int64_t>(i)].item<double>(), 1e-12);
  }
  for (std::size_t s = 1; s < all.weights.size(); ++s)
    ASSERT_LT(std::pair(all.sources[s - 1], all.targets[s - 1]),
              std::pair(all.sources[s], all.targets[s]));
}

const Convolution shapes[] = {
    {.name = "plain", .input = {1, 5, 6}, .channels = 2, .kernel = 3},
    {.name = "padded", .input = {2, 5, 4}, .channels = 3, .kernel = 3, .padding = 1},
    {.name = "strided", .input = {2, 7, 8}, .channels = 2, .kernel = 3, .stride = 2},
    {.name = "pooled", .input = {2, 8, 7}, .channels = 2, .kernel = 3, .pool = 2},
    {.name = "all_of_it",
     .input = {2, 9, 9},
     .channels = 2,
     .kernel = 2,
     .stride = 2,
     .padding = 1,
     .pool = 2}};
INSTANTIATE_TEST_SUITE_P(Each, Shapes, testing::ValuesIn(shapes),
                         [](const auto& info) { return info.param.name; });

TEST(StepResponse, IsThatOfTheExactPropagator) {
  Network net(1_ms);
  net.add("a", 3, library::neuron("lif_psc_delta"),
          {.parameters = {{"tau_m", Values::array({2, 5, 30}, dimension::time)}, {"C_m", 100_pF}}});
  const auto got = step_response(net, "a", "V_m", "I_e");
  for (std::size_t i = 0; i < 3; ++i) {
    const double tau = std::array{2.0, 5.0, 30.0}[i];
    EXPECT_NEAR(got[i], tau / 100 * (1 - std::exp(-1 / tau)), 1e-12 * got[i]);
  }
  // A synaptic current is no membrane current: it moves the potential, later.
  net.add("b", 2, library::neuron("lif_psc_exp"));
  EXPECT_THROW(step_response(net, "b", "I_ex", "I_e"), UnsupportedError);
  net.add("c", 2, library::neuron("adex_psc_exp"));
  EXPECT_THROW(step_response(net, "c", "V_m", "I_e"), UnsupportedError);
}

TEST(ConvolutionStack, LearnsAndIsWrittenAsANetworkThatSimulatesWithTheSameSpikes) {
  ConvolutionStack s = stack();
  const SpikeSamples training = bars(256, 1), validation = bars(64, 2), test = bars(128, 3);
  const double before = score(s, test, readout).accuracy;
  const FitResult r =
      fit(s, training, &validation, {.readout = readout, .rate = 0.01, .epochs = 8, .batch = 32});
  const Score after = score(s, test, readout);
  EXPECT_LT(before, 0.8);
  EXPECT_GT(after.accuracy, 0.95);
  EXPECT_EQ(score(s, validation, readout).accuracy, r.best_accuracy);
  EXPECT_GT(r.curves.last("firing.first"), 0.01);

  const Network written = s.network();
  const Evaluation events = evaluate_events(written, test, readout, {.threads = 2});
  const Evaluation batches = evaluate_module(written, test, readout, {.threads = 2});
  EXPECT_TRUE(at::equal(events.outputs, batches.outputs));
  EXPECT_EQ(events.accuracy, after.accuracy);
  EXPECT_EQ(events.spikes, after.spikes);
  EXPECT_NEAR(events.synaptic_operations, after.synaptic_operations,
              1e-12 * after.synaptic_operations);
  s.eval();
  std::vector<std::int64_t> ids;
  for (std::int64_t k = 0; k < test.size(); ++k) ids.push_back(k);
  const at::NoGradGuard none;
  const at::Tensor own = s.run_spikes(test.batch(ids)).at("out.V_m");
  EXPECT_LT((own - events.outputs).abs().max().item<float>(), 1e-4);
  EXPECT_GT(own.abs().max().item<float>(), 0.1);
}

TEST(ConvolutionStack, NormalisationSeesSamplesStepsAndPlacesInTrainingAndItsOwnMeansInEvaluation) {
  ConvolutionStack s = stack();
  const at::NoGradGuard none;
  const SpikeBits x = bars(16, 1).batch(std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7});
  const auto means = [&] { return s.named_buffers()["first:mean"].clone(); };
  const at::Tensor before = means();
  s.eval();
  const at::Tensor in_evaluation = s.run_spikes(x).at("out.V_m");
  EXPECT_TRUE(at::equal(means(), before));
  s.train();
  EXPECT_FALSE(at::equal(s.run_spikes(x).at("out.V_m"), in_evaluation));
  EXPECT_FALSE(at::equal(means(), before));
  // Weights of another size are divided out again.
  const at::Tensor normalised = s.run_spikes(x).at("out.V_m");
  s.parameter("first").mul_(3);
  EXPECT_LT((s.run_spikes(x).at("out.V_m") - normalised).abs().max().item<float>(), 0.05);
}

TEST(ConvolutionStack, SaysWhatDoesNotFit) {
  const auto text = [](auto change, Network net = populations()) {
    auto all = convolutions();
    change(all);
    return error_of<Error>([&] { ConvolutionStack(net, all, {.outputs = {"out.V_m"}}); });
  };
  EXPECT_TRUE(contains(text([](auto& c) { c[0].channels = 5; }), "5 x 3 x 3"));
  EXPECT_TRUE(contains(text([](auto& c) { c[0].kernel = 9; }), "larger than the input"));
  EXPECT_TRUE(contains(text([](auto& c) { std::swap(c[0], c[1]); }), "nothing reaches its source"));
  EXPECT_TRUE(contains(text([](auto& c) {
                         c[1].input = {1, 6, 6}, c[1].kernel = 6;
                       }),
                       "convolution 'first'"));
  EXPECT_TRUE(contains(text([](auto& c) { c.pop_back(); }), "no convolution reaches"));
  EXPECT_TRUE(contains(text([](auto& c) { c[0].from = "inn"; }), "in"));
  EXPECT_TRUE(contains(error_of<NameError>([&] {
                         ConvolutionStack(populations(), convolutions(),
                                          {.outputs = {"outer.V_m"}});
                       }),
                       "outer.V_m"));
  EXPECT_THROW(ConvolutionStack(populations(), convolutions(),
                                {.trained = std::vector<std::string>{"first"}}),
               UnsupportedError);
  ConvolutionStack s = stack();
  EXPECT_THROW(s.run_spikes(SpikeBits(3, 2, 63)), ShapeError);
  EXPECT_TRUE(contains(error_of<NameError>([&] { s.parameter("first.gains"); }), "first.gain"));
}

TEST(ConvolutionStack, IsReadFromAFile) {
  const TemporaryFolder folder;
  const std::string text = R"(
name = "shapes"
dt = "1 ms"
[population.in]
size = 784
model = "spike_list"
[population.out]
size = 10
model = "leaky_integrator"
[data]
set = "fashion-mnist"
steps = 4
training = 60
test = 20
validation = 20
[train]
readout = "out.V_m"
loss = "mean"
epochs = 1
[[train.convolution]]
name = "all"
from = "in"
to = "out"
input = [1, 28, 28]
channels = 10
kernel = 28
)";
  const TaskFile task = read_task(folder.write("shapes.toml", text));
  ASSERT_EQ(task.convolutions.size(), 1u);
  EXPECT_EQ(task.convolutions[0].kernel, 28);
  const auto made = make_trainable(task);
  EXPECT_EQ(made->trained(), (std::vector<std::string>{"all", "all.offset", "all.gain"}));
  const TaskData data = load_task_data(task.data, 1, 1);
  fit(*made, data.training, &data.validation, task.fit);
  write_task(task, made->network(), folder.path() / "trained");
  const TaskFile read =
      read_task(folder.path() / "trained.toml", {.arrays = data::read_hdf5_numbers});
  EXPECT_TRUE(read.convolutions.empty());
  EXPECT_EQ(read.file.network.projections().size(), 1u);
  const std::string wrong =
      error_of<Error>([&] { read_task(folder.write("wrong.toml", text + "kernels = 3\n")); });
  EXPECT_TRUE(contains(wrong, "did you mean 'kernel'")) << wrong;
}

}  // namespace
}  // namespace callosum::learn
