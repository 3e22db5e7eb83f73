#include "callosum/nets/continual_scores.h"

#include <limits>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {

ContinualScores::ContinualScores(std::int64_t tasks) : tasks_(tasks) {
  check::at_least("continual scores", "tasks", tasks, 1);
  values_.assign(static_cast<std::size_t>(tasks * tasks), std::numeric_limits<double>::quiet_NaN());
}

void ContinualScores::set(std::int64_t learned, std::int64_t seen, double accuracy) {
  check::within("continual scores", "accuracy", accuracy, 0, 1);
  if (!(seen >= 0 && seen <= learned && learned < tasks_))
    throw ValueError(
        {.where = "continual scores",
         .what = "no such pair of tasks",
         .got = std::to_string(learned) + " learned, " + std::to_string(seen) + " seen",
         .expected = "0 <= seen <= learned < " + std::to_string(tasks_)});
  values_[static_cast<std::size_t>(learned * tasks_ + seen)] = accuracy;
}

double ContinualScores::at(std::int64_t learned, std::int64_t seen) const {
  check::within("continual scores", "learned", static_cast<double>(learned), 0,
                static_cast<double>(tasks_ - 1));
  check::within("continual scores", "seen", static_cast<double>(seen), 0,
                static_cast<double>(tasks_ - 1));
  return values_[static_cast<std::size_t>(learned * tasks_ + seen)];
}

double ContinualScores::average() const {
  double sum = 0;
  for (std::int64_t j = 0; j < tasks_; ++j) sum += at(tasks_ - 1, j);
  return sum / static_cast<double>(tasks_);
}

double ContinualScores::backward_transfer() const {
  if (tasks_ == 1) return 0;
  double sum = 0;
  for (std::int64_t j = 0; j + 1 < tasks_; ++j) sum += at(tasks_ - 1, j) - at(j, j);
  return sum / static_cast<double>(tasks_ - 1);
}

}  // namespace callosum::nets
