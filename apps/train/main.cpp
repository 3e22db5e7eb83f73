// `callosum train` and `callosum eval`: a program of their own, because libtorch takes half a
// second to load.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "apps/common/exit_codes.h"
#include "train.h"

namespace {

using namespace callosum::app;

constexpr const char* train_examples = R"(Examples:
  callosum train networks/mnist.toml
  callosum train networks/mnist.toml --epochs 3 --threads 2 --out results/mnist-short
  callosum train my.toml --resume              goes on after the last whole epoch

FILE is a network file with [data] and [train] (docs/guide/training.md). Files written into --out:
NAME.toml and NAME.h5, the trained network, which `callosum eval` and `callosum run` take;
train.json; report.html. Exit codes as `callosum --help` says; 75: stopped, --resume goes on.)";

constexpr const char* eval_examples = R"(Examples:
  callosum eval results/mnist/mnist.toml
  callosum eval results/mnist/mnist.toml --engine events --counts counts.csv
  callosum eval results/mnist/mnist.toml --data fashion-mnist --json

Both engines fire the same spikes; the hash of the readout's outputs says so.)";

int guarded(int argc, char** argv) {
  CLI::App cli{"Train spiking networks with gradients, and test them.", "callosum"};
  TrainCommand train_command;
  EvalCommand eval_command;
  CLI::App* train_app = cli.add_subcommand("train", "Train the network of a file on a data set");
  train_app->footer(train_examples);
  train_app->add_option("FILE", train_command.file, "Network file with [data] and [train]")
      ->type_name("")
      ->required();
  train_app->add_option("--out", train_command.out, "Folder for the results (results/<network>)")
      ->type_name("FOLDER");
  train_app->add_option("--epochs", train_command.epochs, "In place of the file's")
      ->check(CLI::Range(1, 1000000).description(""))
      ->type_name("NUMBER");
  train_app
      ->add_option("--seed", train_command.seed,
                   "Seed of weights, order of samples and whatever is drawn (1)")
      ->type_name("NUMBER");
  train_app
      ->add_option("--set", train_command.set,
                   "Change a value: population.parameter=value or variable=value")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  train_app->add_flag("--resume", train_command.resume, "Go on from the checkpoint in --out");
  train_app->add_flag("--json", train_command.json, "Print train.json on standard output");
  CLI::App* eval_app = cli.add_subcommand("eval", "Test a trained network");
  eval_app->footer(eval_examples);
  eval_app->add_option("FILE", eval_command.file, "What `callosum train` wrote")
      ->type_name("")
      ->required();
  eval_app->add_option("--data", eval_command.data, "Data set in place of the file's")
      ->type_name("NAME");
  eval_app
      ->add_option("--engine", eval_command.engine,
                   "module (batches) or events (event-driven simulation, sample by sample)")
      ->check(CLI::IsMember({"module", "events"}).description(""))
      ->type_name("NAME");
  eval_app->add_option("--part", eval_command.part, "test or training")
      ->check(CLI::IsMember({"test", "training"}).description(""))
      ->type_name("NAME");
  eval_app->add_option("--samples", eval_command.samples, "Only the first so many")
      ->check(CLI::Range(1, 1000000000).description(""))
      ->type_name("NUMBER");
  eval_app
      ->add_option("--counts", eval_command.counts,
                   "Write the readout's spike counts of every sample to this CSV file")
      ->type_name("FILE");
  eval_app->add_flag("--json", eval_command.json, "Print one JSON object on standard output");
  for (auto [app, threads] :
       {std::pair{train_app, &train_command.threads}, {eval_app, &eval_command.threads}})
    app->add_option("--threads", *threads, "Threads (all cores)")
        ->check(CLI::Range(1, 4096).description(""))
        ->type_name("NUMBER");
  cli.require_subcommand(1);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << cli.help();
    return success;
  } catch (const CLI::ParseError& error) {
    std::cerr << "error: " << error.what() << "\nsee: callosum " << (argc > 1 ? argv[1] : "train")
              << " --help\n";
    return usage_error;
  }
  return train_app->parsed() ? train(train_command) : evaluate(eval_command);
}

}  // namespace

int main(int argc, char** argv) {
  return exit_code_of([&] { return guarded(argc, argv); });
}
