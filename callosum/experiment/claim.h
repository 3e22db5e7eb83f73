#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/experiment/outcome.h"

namespace callosum::experiment {

enum class Kind {
  result,    ///< what the paper found
  ablation,  ///< what becomes of it with the mechanism off
  baseline,  ///< beside a method that is not the paper's
  report     ///< a number worth knowing; nothing is judged
};

/// What the paper says and where. A figure nobody could check is never shown as the paper's.
struct PaperFigure {
  std::string where = {};  ///< "Fig. 3"
  std::string text = {};   ///< "72 %, against 55 %"
  bool checked = false;    ///< read in the paper itself, or in its code
};

/// Where the value of a claim must lie.
struct Bar {
  enum class Side { none, above, below };
  Side side = Side::none;
  double value = 0;
};
inline Bar above(double value) { return {Bar::Side::above, value}; }
inline Bar below(double value) { return {Bar::Side::below, value}; }
/// "> 0.5"; "" for none.
std::string text(const Bar& bar);

/// The outcomes of all arms for one seed. A canary looks at the same outcomes with a fake arm in
/// place of a real one.
class Paired {
 public:
  using Lookup = std::function<const Outcome&(const std::string& arm)>;
  explicit Paired(Lookup lookup) : lookup_(std::move(lookup)) {}
  const Outcome& arm(const std::string& name) const { return lookup_(name); }
  /// A value of an arm. NameError, with the nearest name, where there is none.
  double operator()(const std::string& arm, const std::string& value) const;

 private:
  Lookup lookup_;
};

/// On which scale the interval is taken: values over many powers of ten, and ratios, have theirs on
/// the logarithmic one.
enum class Scale { linear, log };

/// The claim must not survive when `fake` (noise, a constant, a shuffle) stands for `real`.
struct Canary {
  std::string real, fake;  ///< names of arms
};

/// One sentence of a paper, made testable. The value of each seed pairs what arms gave for the same
/// seed and data: a difference, a ratio, or a number of one arm.
struct Claim {
  std::string id;    ///< "curl-faster"
  std::string text;  ///< one sentence
  Kind kind = Kind::result;
  PaperFigure paper = {};
  std::string measure = {};  ///< what the value is, with its unit: "error with curl / without"
  std::function<double(const Paired&)> value = {};
  Bar bar = {};
  Scale scale = Scale::linear;
  std::optional<Canary> canary = {};
};

/// What `value` of most claims is: a value of an arm, and what two arms differ by.
std::function<double(const Paired&)> value_of(const std::string& arm, const std::string& value);
std::function<double(const Paired&)> difference(const std::string& value, const std::string& arm,
                                                const std::string& other);  ///< arm - other
std::function<double(const Paired&)> ratio(const std::string& value, const std::string& arm,
                                           const std::string& other);  ///< arm / other
/// A value of an arm that is shown and not judged.
Claim reported(std::string id, std::string text, const std::string& arm, const std::string& value);

enum class Verdict {
  holds,         ///< the 90 % interval lies wholly beyond the bar
  fails,         ///< it lies wholly on the other side
  inconclusive,  ///< neither
  reported       ///< nothing is judged
};

std::string_view name(Kind kind);
std::string_view name(Verdict verdict);

/// Values of a claim over the seeds, and what follows from them.
struct Judgement {
  std::vector<double> values;
  double mean = 0,
         sd = 0;  ///< of the values; on the log scale the mean is geometric and sd is of log10
  double low = 0, high = 0;  ///< 90 % interval by Student's t over the seeds
  Verdict verdict = Verdict::reported;
};

/// With values that are infinite there is no mean and no interval: the verdict then is that of all
/// values if they agree, else inconclusive. NaN, or fewer than two seeds: inconclusive.
Judgement judge(std::vector<double> values, const Bar& bar, Scale scale);

}  // namespace callosum::experiment
