#include <string>

#include "callosum/core/error.h"
#include "callosum/core/ranks.h"
#include "commands.h"

namespace {

int dispatch(const callosum::app::Command& command) {
  using Kind = callosum::app::Command::Kind;
  // From here on all ranks of a launcher know of each other, and one tells of what all run into.
  const auto ranks = callosum::launched_ranks();
  if (ranks && command.kind != Kind::run && command.kind != Kind::finished)
    throw callosum::UnsupportedError({.where = "callosum",
                                      .what = "only `run` shares its work among ranks",
                                      .got = std::to_string(ranks->size()) + " ranks",
                                      .expected = "one process"});
  switch (command.kind) {
    case Kind::run:
      return callosum::app::run(command.run);
    case Kind::model:
      return callosum::app::model(command.model);
    case Kind::data:
      return callosum::app::data(command.data);
    case Kind::reproduce:
      return callosum::app::reproduce(command.reproduce);
    case Kind::runs:
      return callosum::app::runs(command.runs);
    case Kind::finished:
      break;
  }
  return command.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  return callosum::app::exit_code_of(
      [&] { return dispatch(callosum::app::read_command_line(argc, argv)); });
}
