#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/random.h"

namespace callosum::experiment {

enum class Size {
  quick,  ///< at most a minute on two cores
  full    ///< the size at which claims are judged
};

/// A number of the protocol that `--set name=value` changes.
struct Setting {
  std::string name;
  double quick = 0, full = 0;  ///< defaults
  double low = 0, high = 0;    ///< range, both ends allowed
  std::string doc = {};        ///< one line, with the unit
};

/// Values of all settings by name.
using Settings = std::map<std::string, double>;

/// One arm with one seed: what a run function is given. Random numbers come from `seed` and names
/// that do not contain the arm, so that the arms share their data and their start.
class Trial {
 public:
  Trial(std::uint64_t seed, std::string arm, Size size, const Settings& settings,
        std::function<void(double)> progress = {})
      : seed(seed), arm(std::move(arm)), size(size), settings_(settings), progress_(progress) {}

  const std::uint64_t seed;
  const std::string arm;
  const Size size;

  /// The value of a setting. NameError for one that was not declared.
  double operator[](const std::string& name) const;
  /// The same, ValueError unless it is a whole number.
  std::int64_t whole(const std::string& name) const;
  /// Random numbers of one part of the protocol, the same for all arms.
  Stream stream(std::string_view part, std::uint64_t index = 0) const {
    return Stream(StreamKey(seed, name_hash(part), Purpose::user), index);
  }
  /// Reports the share done, 0 to 1; call it now and then. Cheap. Throws Interrupted when the run
  /// was asked to stop.
  void progress(double share) const {
    if (progress_) progress_(share);
  }

 private:
  const Settings& settings_;
  std::function<void(double)> progress_;
};

}  // namespace callosum::experiment
