#include "apps/common/exit_codes.h"

#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <string>

#include "callosum/core/error.h"
#include "callosum/core/ranks.h"

namespace callosum::app {

namespace {

int exit_code(const Error& error) {
  if (error.kind() == "numerical") return numerical_error;
  if (error.kind() == "resource") return does_not_fit;
  if (error.kind() == "interrupted") return interrupted_exit;
  return user_error;
}

/// Where all ranks fail they fail alike, and one tells of it. What befell this one alone ends all:
/// the others wait for it.
int tell(const std::string& message, int code) {
  constexpr double patience = 3;  // seconds
  const std::shared_ptr<Ranks> ranks = loaded_ranks();
  if (!ranks) {
    std::cerr << "error: " << message << '\n';
  } else if (ranks->all_within(patience)) {
    if (ranks->rank() == 0) std::cerr << "error: " << message << '\n';
  } else {
    std::cerr << "error on rank " << ranks->rank() << ": " << message << std::endl;
    ranks->abort(code);
  }
  return code;
}

}  // namespace

int exit_code_of(const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    return tell(error.what(), exit_code(error));
  } catch (const std::bad_alloc&) {
    return tell("out of memory", does_not_fit);
  } catch (const std::exception& error) {
    return tell(std::string("a fault of callosum itself, please report it: ") + error.what(),
                internal_error);
  }
}

}  // namespace callosum::app
