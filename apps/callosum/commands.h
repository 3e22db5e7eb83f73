#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/common/exit_codes.h"
#include "convert.h"
#include "reproduce.h"

namespace callosum::app {

/// `callosum run`.
struct RunCommand {
  std::string network;
  std::optional<std::string> time, dt;
  double scale = 1;
  std::vector<std::string> set;  ///< "population.parameter=value"
  int threads = 0;               ///< 0: all cores this process may use
  std::optional<std::uint64_t> seed;
  std::optional<std::uint32_t> replica;
  int replicas = 0;  ///< 0: the file's, or a single run
  std::optional<std::string> precision;
  std::string engine = "jit";
  int lanes = 0;
  std::string out;  ///< "": results/<network>
  std::string checkpoint, checkpoint_every, resume;
  bool json = false, estimate = false, no_report = false;
  std::string nwb;           ///< file to write; "": none
  std::string command_line;  ///< as typed, for the report
};
int run(const RunCommand& command);

/// `callosum model list | show | check | response | doc`.
struct ModelCommand {
  enum class Action { list, show, check, response, doc };
  Action action = Action::list;
  std::string name;  ///< a shipped model, an alias, or a file
  std::string after, method, dt = "0.1 ms";
  std::string out;  ///< response: file; doc: folder
  bool json = false;
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
  enum class Kind { run, model, data, convert, reproduce, runs, finished };
  Kind kind = Kind::finished;
  int exit_code = success;  ///< of `finished`: help or version was printed, or the line is wrong
  RunCommand run;
  ModelCommand model;
  DataCommand data;
  ConvertCommand convert;
  ReproduceCommand reproduce;
  RunsCommand runs;
};
Command read_command_line(int argc, char** argv);

}  // namespace callosum::app
