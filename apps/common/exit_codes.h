#pragma once

#include <functional>

namespace callosum::app {

/// What the programs return to the shell; `callosum --help` lists them.
enum ExitCode : int {
  success = 0,
  user_error = 1,       ///< a file, value or model that is wrong
  usage_error = 2,      ///< a command line that cannot be read
  numerical_error = 3,  ///< a state became NaN or infinite
  does_not_fit = 4,     ///< more memory needed than there is
  internal_error = 5,
  claim_failed = 6,              ///< asked for by --strict or --canaries
  stopped_with_checkpoint = 75,  ///< asked to stop; --resume goes on from the checkpoint
  interrupted_exit = 130,
};

/// What `work` returns, or the code of what it throws, which is then told on standard error. What
/// one of several ranks throws alone ends all of them.
int exit_code_of(const std::function<int()>& work);

}  // namespace callosum::app
