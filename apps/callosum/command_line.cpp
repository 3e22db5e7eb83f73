#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "callosum/core/error.h"
#include "commands.h"
#include "examples.h"

namespace callosum::app {

namespace {

void add_run(CLI::App& app, RunCommand& run) {
  CLI::App* command = app.add_subcommand("run", "Simulate a network and write its report");
  command->footer(run_examples);
  command
      ->add_option("FILE", run.network,
                   "Network file, name of a shipped network, or SONATA configuration")
      ->type_name("")
      ->required();
  command->add_option("--time", run.time, "Biological time, as in 1s or 500ms")->type_name("TIME");
  command->add_option("--scale", run.scale, "Scale of neurons and in-degrees (1: as published)")
      ->type_name("NUMBER");
  command
      ->add_option("--set", run.set, "Change a value: population.parameter=value or variable=value")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  command
      ->add_option("--threads", run.threads,
                   "Threads (all cores), of each rank under mpirun; spikes do not depend on it")
      ->check(CLI::Range(1, 4096).description(""))
      ->type_name("NUMBER");
  // Read as text first: a number parser takes -1 for 2^64 - 1.
  const CLI::Validator whole(
      [](std::string& text) {
        return text.find_first_not_of("0123456789") == std::string::npos
                   ? std::string()
                   : "a seed is a whole number >= 0: got " + text;
      },
      "");
  command->add_option("--seed", run.seed, "Seed of all random numbers (1)")
      ->check(whole)
      ->type_name("NUMBER");
  CLI::Option* const replicas =
      command
          ->add_option("--replicas", run.replicas,
                       "So many independent runs of the network, threads over runs")
          ->check(CLI::Range(1, 1000000).description(""))
          ->type_name("NUMBER");
  command->add_option("--replica", run.replica, "One of those runs (0)")
      ->check(CLI::Range(0u, 4294967295u).description(""))
      ->type_name("NUMBER")
      ->excludes(replicas);
  command->add_option("--dt", run.dt, "Time step, as in 0.1ms")->type_name("TIME");
  command->add_option("--precision", run.precision, "float or double")
      ->check(CLI::IsMember({"float", "double"}).description(""))
      ->type_name("NAME");
  command->add_option("--out", run.out, "Folder for the results (results/<network>)")
      ->type_name("FOLDER");
  command
      ->add_option("--checkpoint", run.checkpoint,
                   "Write a checkpoint there: at the end, and on SIGTERM, SIGUSR1 or Ctrl-C")
      ->type_name("FILE");
  command
      ->add_option("--checkpoint-every", run.checkpoint_every,
                   "Write it every so much biological time, as in 10s")
      ->type_name("TIME");
  command->add_option("--resume", run.resume, "Go on from this checkpoint of the same network")
      ->type_name("FILE");
  command->add_option("--nwb", run.nwb, "Write what was recorded as an NWB file, too")
      ->type_name("FILE");
  command->add_flag("--json", run.json, "Print one JSON object on standard output");
  command->add_flag("--estimate", run.estimate, "Show what the run would need, build nothing");
  command->add_flag("--no-report", run.no_report, "Write no files");
  command->add_option("--engine", run.engine, "jit or interpreter (slow; same bits)")
      ->check(CLI::IsMember({"jit", "interpreter"}).description(""))
      ->type_name("NAME");
  command->add_option("--lanes", run.lanes, "Vector width of the machine code: 4, 8 or 16")
      ->check(CLI::IsMember({4, 8, 16}).description(""))
      ->type_name("NUMBER");
}

void add_convert(CLI::App& app, ConvertCommand& convert) {
  CLI::App* command = app.add_subcommand(
      "convert", "Turn networks into network files, NIR graphs, SONATA circuits");
  command->footer(convert_examples);
  command
      ->add_option("FROM", convert.from, "Network file, shipped network, NIR graph, SONATA config")
      ->type_name("")
      ->required();
  command->add_option("TO", convert.to, "FILE.toml, FILE.nir, or a folder")
      ->type_name("")
      ->required();
  command->add_option("--dt", convert.dt, "Time step of a NIR graph that is read (0.1ms)")
      ->type_name("TIME");
  command
      ->add_option("--steps", convert.steps,
                   "How a NIR graph becomes steps: exact (default), euler, snntorch, norse")
      ->check(CLI::IsMember({"exact", "euler", "snntorch", "norse"}).description(""))
      ->type_name("NAME");
  command->add_flag("--milliseconds", convert.milliseconds, "A NIR graph that counts in ms, not s");
  command->add_option("--seed", convert.seed, "Seed with which rules are drawn (1)")
      ->type_name("NUMBER");
  command->add_option("--time", convert.time, "Duration of the result, as in 1s")
      ->type_name("TIME");
}

void add_model(CLI::App& app, ModelCommand& model) {
  CLI::App* command = app.add_subcommand("model", "List, show, check and picture models");
  command->footer(model_examples);
  command->add_subcommand("list", "The models that come with callosum")
      ->add_flag("--json", model.json, "Print one JSON array on standard output");
  CLI::App* show = command->add_subcommand("show", "A model's text, or what a stage makes of it");
  show->add_option("NAME", model.name, "Name, alias (NEST, PyNN) or file of a model")
      ->type_name("")
      ->required();
  show->add_option("--after", model.after,
                   "Stage: parse, units, substitute, integrator, discretise, program, simplify, "
                   "adjoint")
      ->type_name("STAGE");
  show->add_option("--dt", model.dt, "Time step (0.1 ms)")->type_name("TIME");
  show->add_option("--method", model.method, "Integrator in place of the one chosen by analysis")
      ->type_name("NAME");
  CLI::App* check =
      command->add_subcommand("check", "Read a model file and name all that is wrong");
  check->add_option("FILE", model.name, "Model file")->type_name("")->required();
  CLI::App* response = command->add_subcommand(
      "response", "Simulate a model and write a page with its typical response");
  response->add_option("NAME", model.name, "Name, alias or file of a model")
      ->type_name("")
      ->required();
  response->add_option("--out", model.out, "File (NAME.html)")->type_name("FILE");
  CLI::App* doc = command->add_subcommand("doc", "Write a page for every model, and an index");
  doc->add_option("--out", model.out, "Folder (docs/models)")->type_name("FOLDER");
}

void add_reproduce(CLI::App& app, ReproduceCommand& reproduce) {
  CLI::App* command = app.add_subcommand("reproduce", "Re-test the claims of published systems");
  command->footer(reproduce_examples);
  CLI::Option* slugs =
      command->add_option("SLUG", reproduce.slugs, "Experiments, or `list [SLUG]`")->type_name("");
  command->add_flag("--all", reproduce.all, "All experiments")->excludes(slugs);
  command->add_flag("--full", reproduce.full,
                    "The size at which claims are judged (else quick: at most a minute each)");
  command->add_option("--seeds", reproduce.seeds, "How many seeds, from 1 on")
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("NUMBER");
  command->add_option("--set", reproduce.set, "Change a setting (`reproduce list SLUG` shows them)")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  command->add_option("--out", reproduce.out, "Folder for the results (results)")
      ->type_name("FOLDER");
  command
      ->add_option("--jobs", reproduce.jobs,
                   "Trials at once (all cores); results do not depend on it")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("NUMBER");
  command->add_flag("--json", reproduce.json, "Print result.json (an array for several)");
  command->add_flag("--strict", reproduce.strict, "Exit code 6 when a claim fails");
  command->add_flag("--canaries", reproduce.canaries, "Exit code 6 when a canary does not pass");
}

void add_runs(CLI::App& app, RunsCommand& runs) {
  CLI::App* command = app.add_subcommand("runs", "List, show and compare results");
  command->footer(runs_examples);
  const auto add = [&](const char* name, const char* text, int most) {
    CLI::App* added = command->add_subcommand(name, text);
    if (most > 0)
      added->add_option("RUN", runs.runs, "Folders below --out")
          ->type_name("")
          ->required()
          ->expected(most);
    added->add_option("--out", runs.out, "Folder of the results (results)")->type_name("FOLDER");
    added->add_flag("--json", runs.json, "Print JSON on standard output");
  };
  add("list", "All runs with date, size and verdicts", 0);
  add("show", "The claims of one run", 1);
  add("compare", "Two runs of an experiment, claim by claim", 2);
}

void add_data(CLI::App& app, DataCommand& data) {
  CLI::App* command = app.add_subcommand("data", "List, find, fetch and verify data sets");
  command->footer(data_examples);
  const auto add = [&](const char* name, const char* text) {
    CLI::App* added = command->add_subcommand(name, text);
    if (std::string(name) != "list")
      added->add_option("NAME", data.name, "Data set")->type_name("")->required();
    if (std::string(name) != "path")
      added->add_flag("--json", data.json, "Print JSON on standard output");
    return added;
  };
  add("list", "The data sets callosum knows, and which are on this machine");
  add("info", "Licence, citation, files and checksums of one")
      ->add_flag("--verify", data.verify, "Compare the files found with their checksums");
  add("path", "The folder in which it was found")
      ->add_flag("--full", data.full, "The sample that comes with callosum is not enough");
  CLI::App* get = add("get", "Fetch it and verify its checksums");
  get->add_option("--edition", data.edition, "Which form of it (the first that can be fetched)")
      ->type_name("NAME");
  get->add_option("--to", data.folder, "Folder to put <name>/ into (the cache)")
      ->type_name("FOLDER");
}

/// The innermost subcommand that was recognised.
const CLI::App* selected(const CLI::App* app) {
  for (auto chosen = app->get_subcommands(); !chosen.empty(); chosen = app->get_subcommands())
    app = chosen.front();
  return app;
}

std::vector<std::string> known_names(const CLI::App& app, bool options) {
  std::vector<std::string> names;
  if (options)
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  else
    for (const CLI::App* child : app.get_subcommands({})) names.push_back(child->get_name());
  return names;
}

std::string full_name(const CLI::App* app) {
  return app->get_parent() ? full_name(app->get_parent()) + " " + app->get_name() : "callosum";
}

int usage(const CLI::App* app, const std::string& problem, const std::string& nearest = {}) {
  std::cerr << "error: " << problem;
  if (!nearest.empty()) std::cerr << "; did you mean '" << nearest << "'?";
  std::cerr << "\nsee: " << full_name(app) << " --help\n";
  return usage_error;
}

/// The first word nobody knows, with the nearest one that is known.
int unknown_word(const CLI::App* app, std::string word) {
  const bool option = word.starts_with("-");
  if (option) word = word.substr(0, word.find('='));
  const std::string nearest = nearest_name(word, known_names(*app, option));
  const bool command = !option && !app->get_subcommands({}).empty();
  const std::string what = option    ? "unknown option"
                           : command ? "unknown command"
                                     : "one word too many:";
  return usage(app, what + " '" + word + "'", nearest);
}

int parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return success;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << '\n';
    return success;
  } catch (const CLI::RequiredError& error) {
    // A misspelt option swallows nothing, so it is named first.
    const auto left = app.remaining(true);
    for (const std::string& word : left)
      if (word.starts_with("-")) return unknown_word(selected(&app), word);
    return usage(selected(&app), error.what());
  } catch (const CLI::ExtrasError&) {
    return unknown_word(selected(&app), app.remaining(true).front());
  } catch (const CLI::ParseError& error) {
    return usage(selected(&app), error.what());
  }
  return -1;
}

std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\n\"'\\$&|;<>()*?[]#~`{}!") == std::string::npos)
    return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Command read_command_line(int argc, char** argv) {
  Command command;
  CLI::App app{"Spiking networks from equations to simulation and report.", "callosum"};
  app.footer(examples);
  app.set_version_flag("--version", std::string("callosum ") + CALLOSUM_VERSION);
  add_run(app, command.run);
  add_model(app, command.model);
  add_convert(app, command.convert);
  add_data(app, command.data);
  add_reproduce(app, command.reproduce);
  add_runs(app, command.runs);
  // These two are read by the program that `main` starts; here they stand for --help alone.
  app.add_subcommand("train", "Train the network of a file on a data set");
  app.add_subcommand("eval", "Test a trained network, event by event or in batches");
  const int code = parse(app, argc, argv);
  if (code >= 0) {
    command.exit_code = code;
    return command;
  }
  const CLI::App* chosen = selected(&app);
  const std::string& name = chosen->get_name();
  const bool nothing_chosen =
      chosen == &app || name == "model" || name == "data" || name == "runs" ||
      (name == "reproduce" && !command.reproduce.all && command.reproduce.slugs.empty());
  if (nothing_chosen) {
    std::cerr << (chosen == &app ? app.help() : chosen->help());
    command.exit_code = usage_error;
    return command;
  }
  for (int i = 0; i < argc; ++i)
    command.run.command_line += (i ? " " : "") + quoted(i ? argv[i] : "callosum");
  if (chosen->get_parent()->get_name() == "data") {
    using Action = DataCommand::Action;
    command.kind = Command::Kind::data;
    command.data.action = name == "info"   ? Action::info
                          : name == "path" ? Action::path
                          : name == "get"  ? Action::get
                                           : Action::list;
    return command;
  }
  if (name == "convert") {
    command.kind = Command::Kind::convert;
    return command;
  }
  if (name == "reproduce") {
    command.kind = Command::Kind::reproduce;
    return command;
  }
  if (chosen->get_parent()->get_name() == "runs") {
    using Action = RunsCommand::Action;
    command.kind = Command::Kind::runs;
    command.runs.action = name == "show"      ? Action::show
                          : name == "compare" ? Action::compare
                                              : Action::list;
    return command;
  }
  command.kind = name == "run" ? Command::Kind::run : Command::Kind::model;
  using Action = ModelCommand::Action;
  command.model.action = name == "show"       ? Action::show
                         : name == "check"    ? Action::check
                         : name == "response" ? Action::response
                         : name == "doc"      ? Action::doc
                                              : Action::list;
  return command;
}

}  // namespace callosum::app
