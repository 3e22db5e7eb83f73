#include "studies.h"

#include <algorithm>
#include <iterator>

#include "callosum/core/random.h"
#include "runs.h"

namespace callosum::experiment {
namespace {

using memory::CamMemory;
using memory::CamOptions;
using memory::CamRow;
using Bits = std::vector<std::uint32_t>;

Stream draws(const Trial& t, std::string_view name, std::uint64_t index) {
  return Stream(StreamKey(t.seed, name_hash(name), Purpose::user), index);
}

Bits random_content(Stream& draw, std::uint32_t bits, double density) {
  Bits content;
  while (content.empty())
    for (std::uint32_t b = 0; b < bits; ++b)
      if (draw.uniform() < density) content.push_back(b);
  return content;
}

bool has(const Bits& list, std::uint32_t x) {
  return std::find(list.begin(), list.end(), x) != list.end();
}

/// The software memory beside which the one of spikes stands.
class Dictionary {
 public:
  explicit Dictionary(std::size_t cues) : contents_(cues) {}
  Bits& operator[](std::uint32_t cue) { return contents_[cue]; }
  Bits cues_of(const Bits& bits) const {
    Bits cues;
    for (std::uint32_t c = 0; c < contents_.size(); ++c)
      if (std::any_of(bits.begin(), bits.end(),
                      [&](std::uint32_t b) { return has(contents_[c], b); }))
        cues.push_back(c);
    return cues;
  }

 private:
  std::vector<Bits> contents_;
};

/// Counts right answers.
struct Share {
  double right = 0, asked = 0;
  void count(bool is_right) {
    right += is_right ? 1 : 0;
    ++asked;
  }
  double value() const { return right / asked; }
};

struct Shares {
  Share by_cue, by_content;
};

// A full memory of 64 cues and 128 bits.
Shares ask_full_memory(const Trial& t, const CamOptions& options, double density, int questions) {
  const std::uint32_t cues = 64, bits = 128;
  Stream draw = draws(t, "contents", static_cast<std::uint64_t>(density * 1000));
  CamMemory memory(cues, bits, options);
  Dictionary known(cues);
  for (std::uint32_t c = 0; c < cues; ++c) {
    known[c] = random_content(draw, bits, density);
    memory.learn(c, known[c]);
  }
  Shares shares;
  for (std::uint32_t c = 0; c < cues; ++c) shares.by_cue.count(memory.recall_cue(c) == known[c]);
  for (int q = 0; q < questions; ++q) {
    Bits query;  // one to eight bits
    while (query.size() < static_cast<std::size_t>(1 + q % 8)) {
      const auto b = static_cast<std::uint32_t>(draw.below(bits));
      if (!has(query, b)) query.push_back(b);
    }
    shares.by_content.count(memory.recall_content(query) == known.cues_of(query));
  }
  return shares;
}

}  // namespace

void rewriting_study(const Trial& t, const CamOptions& options, Outcome& out) {
  const std::uint32_t cues = 8, bits = 16;
  Share by_cue, by_new_bit, by_old_bit, forgotten;
  const std::int64_t memories = t.whole("memories");
  for (std::int64_t m = 0; m < memories; ++m) {
    Stream draw = draws(t, "rewriting", static_cast<std::uint64_t>(m));
    CamMemory memory(cues, bits, options);
    Dictionary known(cues);
    for (std::uint32_t c = 0; c < cues; ++c) {
      known[c] = random_content(draw, bits, 0.3);
      memory.learn(c, known[c]);
    }
    for (int k = 0; k < 40; ++k) {
      const auto c = static_cast<std::uint32_t>(draw.below(cues));
      const Bits old = known[c];
      known[c] = random_content(draw, bits, 0.3);
      memory.learn(c, known[c]);
      by_cue.count(memory.recall_cue(c) == known[c]);
      by_new_bit.count(has(memory.recall_content({known[c][draw.below(known[c].size())]}), c));
      Bits lost;
      std::copy_if(old.begin(), old.end(), std::back_inserter(lost),
                   [&](std::uint32_t b) { return !has(known[c], b); });
      if (!lost.empty())
        by_old_bit.count(!has(memory.recall_content({lost[draw.below(lost.size())]}), c));
    }
    const auto c = static_cast<std::uint32_t>(draw.below(cues));
    known[c].clear();
    memory.forget(c);
    bool right = true;
    for (std::uint32_t k = 0; k < cues; ++k) right = right && memory.recall_cue(k) == known[k];
    for (std::uint32_t b = 0; b < bits; ++b)
      right = right && memory.recall_content({b}) == known.cues_of({b});
    forgotten.count(right);
    t.progress(0.5 * static_cast<double>(m + 1) / static_cast<double>(memories));
  }
  out.values["rewritten"] = by_cue.value();
  out.values["rewritten_new_bit"] = by_new_bit.value();
  out.values["rewritten_old_bit"] = by_old_bit.value();
  out.values["forgotten"] = forgotten.value();
}

void capacity_study(const Trial& t, const CamOptions& options, Outcome& out) {
  const int questions = static_cast<int>(t.whole("questions"));
  for (const auto& [density, name] : {std::pair{0.1, "0.1"}, {0.3, "0.3"}, {0.5, "0.5"}}) {
    const Shares shares = ask_full_memory(t, options, density, questions);
    out.values[std::string("by_cue_") + name] = shares.by_cue.value();
    out.values[std::string("by_content_") + name] = shares.by_content.value();
  }
}

void spacing_study(const Trial& t, CamOptions options, Outcome& out) {
  Curve &by_cue = out.curves["by_cue"], &by_content = out.curves["by_content"];
  for (const std::int64_t steps : {7, 8, 9, 10, 12, 14, 17, 20, 25}) {
    options.learn_steps = options.recall_steps = steps;
    const Shares shares =
        ask_full_memory(t, options, 0.3, static_cast<int>(t.whole("questions")) / 4);
    by_cue.x.push_back(static_cast<double>(steps));
    by_content.x.push_back(static_cast<double>(steps));
    by_cue.y.push_back(shares.by_cue.value());
    by_content.y.push_back(shares.by_content.value());
  }
}

void dictionary_study(Outcome& out) {
  for (const char* name : {"by_cue_0.1", "by_cue_0.3", "by_cue_0.5", "by_content_0.1",
                           "by_content_0.3", "by_content_0.5"})
    out.values[name] = 1;
}

namespace {

// Whether all answers are right when contents are learned every `learn` steps, rest, and cues and
// single bits are asked in turn every `recall` steps.
bool all_right(const CamOptions& options, const std::vector<Bits>& contents, std::int64_t learn,
               std::int64_t recall) {
  Dictionary known(contents.size());
  std::vector<Operation> operations;
  std::vector<Answer> answers;
  std::int64_t now = 0;
  for (std::uint32_t c = 0; c < contents.size(); ++c, now += learn) {
    known[c] = contents[c];
    operations.push_back({now, {c}, contents[c]});
  }
  now += 20;
  for (std::uint32_t c = 0; c < contents.size(); ++c) {
    operations.push_back({now, {c}, {}});
    answers.push_back({now, false, contents[c]});
    now += recall;
    const std::uint32_t bit = contents[c].front();
    operations.push_back({now, {}, {bit}});
    answers.push_back({now, true, known.cues_of({bit})});
    now += recall;
  }
  CamMemory memory(static_cast<std::uint32_t>(contents.size()), 16, options);
  return wrong_answers(memory.run(schedule(operations, now + 20)), answers) == 0;
}

// The smallest of `gaps` (ascending) from which on all are good; one more than the last when none.
template <class Good>
double smallest_good(std::int64_t first, std::int64_t last, Good good) {
  std::int64_t gap = last + 1;
  while (gap > first && good(gap - 1)) --gap;
  return static_cast<double>(gap);
}

}  // namespace

void gap_study(const Trial& t, const CamOptions& options, Outcome& out) {
  std::vector<Bits> disjoint, random;
  Stream draw = draws(t, "gaps", 0);
  for (std::uint32_t c = 0; c < 8; ++c) {
    disjoint.push_back({2 * c, 2 * c + 1});
    random.push_back(random_content(draw, 16, 0.3));
  }
  const std::int64_t far = 20;
  out.values["learn_gap_disjoint"] = smallest_good(
      3, 20, [&](std::int64_t gap) { return all_right(options, disjoint, gap, far); });
  out.values["learn_gap_shared"] =
      smallest_good(3, 20, [&](std::int64_t gap) { return all_right(options, random, gap, far); });
  out.values["recall_gap_disjoint"] = smallest_good(
      1, 20, [&](std::int64_t gap) { return all_right(options, disjoint, far, gap); });
  out.values["recall_gap_shared"] =
      smallest_good(1, 20, [&](std::int64_t gap) { return all_right(options, random, far, gap); });
}

}  // namespace callosum::experiment
