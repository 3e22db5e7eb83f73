#include <ATen/ATen.h>

#include <algorithm>

#include "callosum/data/images.h"
#include "callosum/learn/torch/credit.h"
#include "callosum/learn/torch/hebbian_subspace.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/nets/continual_scores.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/layers.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/scores.h"
#include "studies.h"
#include "trainers.h"

namespace callosum::experiment {
namespace {

using learn::HebbianSubspace;

struct Samples {
  at::Tensor x, labels;  ///< [image, pixel], normalised as the authors do for MNIST; [image]
};

Samples chosen(const data::Images& images, std::int64_t count, Stream& stream) {
  const data::Images some = images.balanced(static_cast<std::size_t>(count / 10), stream);
  const std::vector<float> pixels = some.scaled();
  const auto n = static_cast<std::int64_t>(some.size());
  const at::Tensor x = at::empty({n, static_cast<std::int64_t>(some.image_size())}, at::kFloat);
  std::copy(pixels.begin(), pixels.end(), x.data_ptr<float>());
  return {(x - 0.1307) / 0.3081,
          learn::index_tensor(std::vector<std::int64_t>(some.labels.begin(), some.labels.end()))};
}

/// What an arm's name says: "ottt-off", "bptt-random", "bptt-lateral-40".
struct Arm {
  explicit Arm(const std::string& name) {
    const std::size_t dash = name.find('-');
    const std::string rest = dash == std::string::npos ? "" : name.substr(dash + 1);
    trainer = name.substr(0, dash);
    feedback = trainer == "fa" || trainer == "ss" ? trainer : "";
    if (!feedback.empty()) trainer = "bptt";
    projects = rest != "off";
    random = rest == "random";
    if (rest.starts_with("lateral-")) levels = std::stoll(rest.substr(8));
  }
  std::string trainer, feedback;
  bool projects, random;
  std::int64_t levels = 0;
};

/// Lateral neurons of one layer: learned, or the first rows of a random orthogonal matrix.
class Lateral {
 public:
  Lateral(const Arm& arm, std::size_t layer, std::int64_t inputs, nets::Draws& draws)
      : random_(arm.random),
        subspace_("layer " + std::to_string(layer), inputs, options(arm, layer)) {
    if (random_) rows_ = nets::orthogonal_matrix(draws, inputs).to(at::kFloat);
  }
  void grow(std::int64_t rows, nets::Draws& draws) {
    if (random_)
      subspace_.grow(rows_.slice(0, subspace_.rows(), subspace_.rows() + rows));
    else
      subspace_.grow(rows, draws);
  }
  void learn(const at::Tensor& x) {
    if (!random_) subspace_.learn(x);
  }
  const HebbianSubspace& subspace() const { return subspace_; }

 private:
  static learn::SubspaceOptions options(const Arm& arm, std::size_t layer) {
    return {.rate = layer == 0 ? 0.001 : 0.01, .levels = arm.levels};
  }
  bool random_;
  HebbianSubspace subspace_;
  at::Tensor rows_;
};

double accuracy(Trainer& trainer, const Samples& test, const at::Tensor& order) {
  std::int64_t right = 0;
  for (std::int64_t k = 0; k < test.x.size(0); k += 500) {
    const at::Tensor answer = trainer.logits(test.x.slice(0, k, k + 500).index_select(1, order));
    right += answer.argmax(1).eq(test.labels.slice(0, k, k + 500)).sum().item<std::int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(test.x.size(0));
}

}  // namespace

void continual_study(const Trial& t, Outcome& out) {
  static const data::ImageSet set = data::load_images({"mnist", "fashion-mnist"});
  out.note = set.source.description();
  const Arm arm(t.arm);
  Stream stream = t.stream("images");
  const Samples train = chosen(set.train, t.whole("images"), stream);
  const Samples test = chosen(set.test, t.whole("test"), stream);
  nets::Draws draws(t.seed, "network"), orders(t.seed, "orders"), lateral_draws(t.seed, "lateral");

  const std::int64_t hidden = t.whole("hidden");
  Layers layers;
  const std::int64_t widths[] = {train.x.size(1), hidden, hidden, 10};
  for (std::size_t l = 0; l < 3; ++l) {
    // Spikes are few: without a gain the second layer is silent at first. Rates need none.
    const double gain = l == 1 && arm.trainer != "dsr" ? t["gain"] : 1;
    layers.weights.push_back(nets::fan_in_weights(draws, widths[l + 1], widths[l], gain));
  }
  std::vector<at::Tensor> random;
  for (const at::Tensor& w : layers.weights) random.push_back(learn::random_feedback(draws, w));
  layers.feedback = [&](std::size_t l) {
    if (arm.feedback == "fa") return random[l];
    if (arm.feedback == "ss") return learn::sign_feedback(layers.weights[l]);
    return at::Tensor();
  };
  const auto net = trainer(arm.trainer, layers, t);
  std::vector<Lateral> laterals;
  if (arm.projects)
    for (std::size_t l = 0; l < 3; ++l) laterals.emplace_back(arm, l, widths[l], lateral_draws);

  const std::int64_t tasks = t.whole("tasks"), batch = 64, images = train.x.size(0);
  const double first[] = {t["rows"], 1.25 * t["rows"], 0.75 * t["rows"]};
  nets::ContinualScores scores(tasks);
  std::vector<at::Tensor> permutations;
  for (std::int64_t task = 0; task < tasks; ++task) {
    permutations.push_back(orders.permutation(train.x.size(1)));
    for (std::size_t l = 0; l < laterals.size(); ++l)
      laterals[l].grow(task == 0 ? static_cast<std::int64_t>(first[l]) : t.whole("rows") / 2,
                       lateral_draws);
    const Projector project = [&](std::size_t l, const at::Tensor& activity) {
      return laterals.empty() || task == 0 ? activity : laterals[l].subspace().project(activity);
    };
    const at::Tensor order = orders.permutation(images);
    for (std::int64_t k = 0; k + batch <= images; k += batch) {
      const at::Tensor index = order.slice(0, k, k + batch);
      const at::Tensor x = train.x.index_select(0, index).index_select(1, permutations.back());
      const auto seen = net->learn(x, train.labels.index_select(0, index), project);
      for (std::size_t l = 0; l < laterals.size(); ++l) laterals[l].learn(seen[l]);
      for (at::Tensor& w : layers.weights) {
        w.detach().add_(w.grad(), -t["rate"]);
        w.grad().zero_();
      }
      net->stepped();
      t.progress(
          (static_cast<double>(task) + static_cast<double>(k) / static_cast<double>(images)) /
          static_cast<double>(tasks));
    }
    net->freeze_neurons();
    for (std::int64_t seen = 0; seen <= task; ++seen)
      scores.set(task, seen, accuracy(*net, test, permutations[static_cast<std::size_t>(seen)]));
    out.curves["first task"].x.push_back(static_cast<double>(task + 1));
    out.curves["first task"].y.push_back(scores.at(task, 0));
  }
  out.values["ACC"] = 100 * scores.average();
  out.values["BWT"] = 100 * scores.backward_transfer();
  double learned = 0;
  Matrix& r = out.matrices["R"];
  r = {static_cast<std::size_t>(tasks), static_cast<std::size_t>(tasks), {}};
  for (std::int64_t i = 0; i < tasks; ++i) {
    learned += 100 * scores.at(i, i) / static_cast<double>(tasks);
    for (std::int64_t j = 0; j < tasks; ++j) r.values.push_back(scores.at(i, j));
  }
  out.values["learned"] = learned;
  for (const Lateral& lateral : laterals) {
    double& norm = out.values["largest row"];
    norm = std::max(norm, lateral.subspace().largest_norm());
  }
}

void subspace_study(const Trial& t, Outcome& out) {
  static const data::ImageSet set = data::load_images({"mnist", "fashion-mnist"});
  out.note = set.source.description();
  Stream stream = t.stream("images");
  const Samples data = chosen(set.train, t.whole("images"), stream);
  nets::Draws draws(t.seed, "subspace"), order(t.seed, "subspace order");
  constexpr std::int64_t k = 20, batch = 64;
  HebbianSubspace subspace("inputs", data.x.size(1),
                           {.rate = 0.001, .anti_hebbian = t.arm != "pure-hebb"});
  subspace.grow(k, draws);
  const at::Tensor right =
      std::get<2>(at::linalg_svd(data.x.to(at::kDouble), false)).slice(0, 0, k).t();
  const auto overlap = [&] {
    const at::Tensor angles = nets::principal_angles(subspace.matrix().t().to(at::kDouble), right);
    return angles.cos().square().mean().item<double>();
  };
  Curve& curve = out.curves["overlap"];
  const std::int64_t batches = t.whole("subspace_batches");
  for (std::int64_t b = 0; b < batches; ++b) {
    if (b % 10 == 0) {
      curve.x.push_back(static_cast<double>(b));
      curve.y.push_back(overlap());
    }
    subspace.learn(data.x.index_select(0, order.permutation(data.x.size(0)).slice(0, 0, batch)));
    t.progress(static_cast<double>(b) / static_cast<double>(batches));
  }
  out.values["overlap"] = overlap();
  out.values["orthonormal"] = subspace.distance_from_orthonormal();
  out.values["largest row"] = subspace.largest_norm();
}

}  // namespace callosum::experiment
