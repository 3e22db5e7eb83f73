// Rich and lazy learning: networks that start from weights of equal norm but different rank, and
// how much learning changes inside them. Protocol of Liu et al. (ICLR 2024), as read from their
// code.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

constexpr std::array linear_ranks = {1, 2, 5, 10, 20};
constexpr std::array rnn_ranks = {1, 5, 30, 100};

/// "linear-5", "linear-aligned", "rnn-5", "rnn-5-unmatched".
std::string arm_name(const char* kind, int rank) {
  return std::string(kind) + "-" + std::to_string(rank);
}

Outcome trial(const Trial& t) {
  return t.arm.starts_with("linear") ? linear_network(t) : recurrent_network(t);
}

/// One claim a step from a rank to the next: a value rises (`sign` 1) or falls (-1) by more than 0.
/// Means that rise strictly are means of which every step does.
template <std::size_t n>
void add_steps(std::vector<Claim>& claims, const std::string& id, const std::string& text,
               const char* kind, const std::array<int, n>& ranks, const char* value, double sign,
               const PaperFigure& paper) {
  for (std::size_t i = 1; i < n; ++i) {
    const std::string arm = arm_name(kind, ranks[i]), before = arm_name(kind, ranks[i - 1]);
    const std::string high = std::to_string(ranks[i]), low = std::to_string(ranks[i - 1]);
    claims.push_back({.id = id + "-" + low + "-" + high,
                      .text = text,
                      .paper = paper,
                      .measure = std::string(value) + ", rank " + high + " - rank " + low,
                      .value = difference(value, arm, before),
                      .bar = sign > 0 ? above(0) : below(0)});
  }
}

double loss_spread(const Paired& at) {
  double least = INFINITY, most = 0;
  for (int rank : rnn_ranks) {
    least = std::min(least, at(arm_name("rnn", rank), "loss"));
    most = std::max(most, at(arm_name("rnn", rank), "loss"));
  }
  return most / least;
}

std::vector<Claim> claims() {
  constexpr Kind ablation = Kind::ablation, report = Kind::report;
  std::vector<Claim> out;
  add_steps(
      out, "linear-lazier",
      "In two linear layers a start of higher rank is lazier: the tangent kernel stays nearer "
      "to what it was.",
      "linear", linear_ranks, "KA", 1, {"Theorem 1"});
  add_steps(out, "linear-change", "The weights change less at higher rank.", "linear", linear_ranks,
            "dW", -1, {"Theorem 1"});
  add_steps(out, "rnn-lazier", "In recurrent networks the kernel alignment rises with rank.", "rnn",
            rnn_ranks, "KA", 1, {"Fig. 1"});
  std::vector<Claim> others = {
      {.id = "linear-range",
       .text = "The difference is large.",
       .paper = {"Theorem 1"},
       .measure = "KA, rank 20 - rank 1",
       .value = difference("KA", "linear-20", "linear-1"),
       .bar = above(0.5)},
      {.id = "aligned-is-lazy",
       .text = "A start of rank 1 along the task's direction is lazy all the same.",
       .paper = {"Proposition 1, Fig. 3"},
       .measure = "KA, rank 1 aligned with the task",
       .value = value_of("linear-aligned", "KA"),
       .bar = above(0.95),
       .canary = Canary{"linear-aligned", "linear-1"}},
      {.id = "random-rank-1-is-rich",
       .text = "Without the alignment, rank 1 of equal norm is rich.",
       .kind = ablation,
       .paper = {"Proposition 1, Fig. 3"},
       .measure = "KA, random rank 1",
       .value = value_of("linear-1", "KA"),
       .bar = below(0.2)},
      {.id = "rnn-range",
       .text = "The difference between full rank and rank 1 is large.",
       .paper = {"Fig. 1"},
       .measure = "KA, rank 100 - rank 1",
       .value = difference("KA", "rnn-100", "rnn-1"),
       .bar = above(0.15)},
      {.id = "rnn-equal-fit",
       .text = "All ranks fit equally well, so that laziness can be compared.",
       .kind = Kind::baseline,
       .measure = "largest loss / least loss over the ranks",
       .value = loss_spread,
       .bar = below(1.2),
       .scale = Scale::log},
      {.id = "representation-lazier",
       .text = "Representations stay nearer to what they were, too.",
       .paper = {"Fig. 1"},
       .measure = "RA, rank 30 - rank 1",
       .value = difference("RA", "rnn-30", "rnn-1"),
       .bar = above(0)},
      {.id = "norm-not-matched",
       .text =
           "The same difference where the norm is not restored after the cut; with matched norm "
           "the claim above must hold.",
       .kind = report,
       .measure = "KA, rank 30 - rank 1, norms not matched",
       .value = difference("KA", "rnn-30-unmatched", "rnn-1-unmatched")},
      {.id = "rnn-change",
       .text = "Change of the recurrent weights.",
       .kind = report,
       .paper = {"Fig. 1"},
       .measure = "|W - W(0)|, rank 100 / rank 1",
       .value = ratio("dW", "rnn-100", "rnn-1"),
       .scale = Scale::log},
      {.id = "decision-accuracy",
       .text = "Share of right choices at full rank (trials of coherence 0 cannot be known).",
       .kind = report,
       .measure = "accuracy at the decision step, rank 100",
       .value = value_of("rnn-100", "decision_accuracy")},
  };
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

report::Bars bars(const Results& r, const char* kind, std::span<const int> ranks, const char* value,
                  const char* title) {
  report::Bars out{title, false, {}};
  for (int rank : ranks)
    out.bars.push_back(r.bar("rank " + std::to_string(rank), arm_name(kind, rank), value));
  return out;
}

std::vector<report::Chart> charts(const Results& r) {
  report::Bars linear = bars(r, "linear", linear_ranks, "KA", "kernel alignment (no unit)");
  linear.bars.push_back(r.bar("1, aligned", "linear-aligned", "KA"));
  report::Lines learning{"iterations", "loss (nats)", false, true, {}};
  for (int rank : rnn_ranks)
    learning.lines.push_back(
        r.line("rank " + std::to_string(rank), arm_name("rnn", rank), "loss", Scale::log));
  return {
      {"linear", "Two linear layers: alignment of the tangent kernel before and after",
       "1: the kernel did not change (lazy). Bars are means, dots seeds, lines 90 % intervals; the "
       "last bar starts at rank 1 along the task's direction.",
       linear},
      {"rnn", "Recurrent networks: alignment of the tangent kernel",
       "Two-alternative task, N = 100; kernel of the choice outputs in the recurrent weights.",
       bars(r, "rnn", rnn_ranks, "KA", "kernel alignment (no unit)")},
      {"representations", "Recurrent networks: alignment of the representations",
       "Hidden states at the decision, before and after learning.",
       bars(r, "rnn", rnn_ranks, "RA", "representation alignment (no unit)")},
      {"learning", "Learning curves", "Mean training loss over 50 iterations; band: 90 % interval.",
       learning}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Rich and lazy learning";
  e.summary =
      "Networks start from weights of equal norm and different rank. How much does learning change "
      "inside: little (lazy) or much (rich)?";
  e.paper =
      "Liu, Baratin, Cornford, Mihalas, Shea-Brown, Lajoie: How connectivity structure shapes rich "
      "and lazy learning in neural circuits, ICLR 2024, arXiv 2310.08513";
  e.tier = Tier::kit;
  e.capability = "tangent kernels of recurrent networks";
  e.leaves = "callosum/nets/tangent_kernel.h, callosum/nets/cognitive_tasks.h";
  e.data = "two-alternative trials, drawn";
  e.settings = {
      {"N", 100, 100, 2, 2000, "recurrent units"},
      {"iterations", 300, 2000, 1, 1e6, "of training"},
      {"batch", 32, 32, 1, 4096, "trials an iteration"},
      {"rate", 0.003, 0.003, 1e-9, 1, "learning rate, momentum 0.9"},
      {"gain", 1.25, 1.25, 1e-3, 10, "g of the Gaussian recurrent weights"},
      {"task", 0, 0, 0, 2, "0: 2AF, 1: DMS, 2: CXT"},
      {"linear_norm", 3, 3, 1e-3, 1000, "norm of W1 in the linear network"},
      {"linear_rate", 0.05, 0.05, 1e-9, 1, "learning rate of the linear network"},
      {"linear_steps", 100000, 100000, 1, 1e7, "most steps of the linear network"},
  };
  for (int rank : linear_ranks)
    e.arms.push_back(
        {arm_name("linear", rank), "two linear layers from rank " + std::to_string(rank), 0.05});
  e.arms.push_back({"linear-aligned", "two linear layers from rank 1 along the task", 0.05});
  for (int rank : rnn_ranks)
    e.arms.push_back({arm_name("rnn", rank), "recurrent network from rank " + std::to_string(rank) +
                                                 ", norm of full rank"});
  for (int rank : {1, 30})
    e.arms.push_back({arm_name("rnn", rank) + "-unmatched",
                      "the same from rank " + std::to_string(rank) + ", norm not restored"});
  e.claims = claims();
  // The overlap of a random rank-1 start with the task is itself random: more seeds than usual.
  e.full_seeds = 20;
  e.quick_minutes = 0.3;
  e.full_minutes = 5;
  e.run = trial;
  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
