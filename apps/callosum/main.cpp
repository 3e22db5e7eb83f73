#include <exception>
#include <iostream>
#include <new>

#include "callosum/core/error.h"
#include "commands.h"

namespace {

int exit_code(const callosum::Error& error) {
  if (error.kind() == "numerical") return callosum::app::numerical_error;
  if (error.kind() == "resource") return callosum::app::does_not_fit;
  if (error.kind() == "interrupted") return callosum::app::interrupted_exit;
  return callosum::app::user_error;
}

int dispatch(const callosum::app::Command& command) {
  using Kind = callosum::app::Command::Kind;
  switch (command.kind) {
    case Kind::run:
      return callosum::app::run(command.run);
    case Kind::model:
      return callosum::app::model(command.model);
    case Kind::data:
      return callosum::app::data(command.data);
    case Kind::finished:
      break;
  }
  return command.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(callosum::app::read_command_line(argc, argv));
  } catch (const callosum::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return exit_code(error);
  } catch (const std::bad_alloc&) {
    std::cerr << "error: out of memory\n";
    return callosum::app::does_not_fit;
  } catch (const std::exception& error) {
    std::cerr << "error: a fault of callosum itself, please report it: " << error.what() << '\n';
    return callosum::app::internal_error;
  }
}
