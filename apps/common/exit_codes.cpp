#include "apps/common/exit_codes.h"

#include <exception>
#include <iostream>
#include <new>

#include "callosum/core/error.h"

namespace callosum::app {

namespace {

int exit_code(const Error& error) {
  if (error.kind() == "numerical") return numerical_error;
  if (error.kind() == "resource") return does_not_fit;
  if (error.kind() == "interrupted") return interrupted_exit;
  return user_error;
}

}  // namespace

int exit_code_of(const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return exit_code(error);
  } catch (const std::bad_alloc&) {
    std::cerr << "error: out of memory\n";
    return does_not_fit;
  } catch (const std::exception& error) {
    std::cerr << "error: a fault of callosum itself, please report it: " << error.what() << '\n';
    return internal_error;
  }
}

}  // namespace callosum::app
