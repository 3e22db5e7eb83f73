#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callosum::app {

/// What the program returns to the shell; `callosum --help` lists them.
enum ExitCode : int {
  success = 0,
  user_error = 1,       ///< a file, value or model that is wrong
  usage_error = 2,      ///< a command line that cannot be read
  numerical_error = 3,  ///< a state became NaN or infinite
  does_not_fit = 4,     ///< more memory needed than there is
  internal_error = 5,
  interrupted_exit = 130,
};

/// `callosum run`.
struct RunCommand {
  std::string network;
  std::optional<std::string> time, dt;
  double scale = 1;
  std::vector<std::string> set;  ///< "population.parameter=value"
  int threads = 0;               ///< 0: all cores this process may use
  std::optional<std::uint64_t> seed;
  std::optional<std::string> precision;
  std::string engine = "jit";
  int lanes = 0;
  std::string out;  ///< "": results/<network>
  bool json = false, estimate = false, no_report = false;
  std::string command_line;  ///< as typed, for the report
};
int run(const RunCommand& command);

/// `callosum model list | show | check`.
struct ModelCommand {
  enum class Action { list, show, check };
  Action action = Action::list;
  std::string name;  ///< a shipped model, an alias, or a file
  std::string after, method, dt = "0.1 ms";
};
int model(const ModelCommand& command);

/// `callosum data list | info | path | get`.
struct DataCommand {
  enum class Action { list, info, path, get };
  Action action = Action::list;
  std::string name;     ///< of a data set
  std::string edition;  ///< get: "": the first that can be fetched
  std::string folder;   ///< get: "": the cache
  bool verify = false, full = false, json = false;
};
int data(const DataCommand& command);

/// What a command line asks for.
struct Command {
  enum class Kind { run, model, data, finished };
  Kind kind = Kind::finished;
  int exit_code = success;  ///< of `finished`: help or version was printed, or the line is wrong
  RunCommand run;
  ModelCommand model;
  DataCommand data;
};
Command read_command_line(int argc, char** argv);

}  // namespace callosum::app
