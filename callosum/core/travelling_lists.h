#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace callosum {

/// An ability that ranks may have beside `Ranks`: all_gather in two halves, between which other
/// work is done. Simulations whose delays allow it then exchange spikes while neurons are updated.
/// Ranks without it are asked for all_gather alone.
class TravellingLists {
 public:
  virtual ~TravellingLists() = default;
  /// Collective, and waits for nobody: these bytes go to all ranks. They stay as they are, and no
  /// other collective call is made, until finish_gather. Meant for short lists, again and again.
  virtual void begin_gather(std::span<const char> own) = 0;
  /// Collective: what all ranks have begun to send, as Ranks::all_gather gives it.
  virtual void finish_gather(std::vector<char>& all, std::vector<std::size_t>& ends) = 0;
  /// Called now and then between the two, gives messages a chance to move.
  virtual void let_move() = 0;
};

}  // namespace callosum
