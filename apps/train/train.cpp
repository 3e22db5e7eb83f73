#include "train.h"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/common/assignments.h"
#include "apps/common/exit_codes.h"
#include "apps/common/interrupt.h"
#include "apps/common/network_path.h"
#include "callosum/core/error.h"
#include "callosum/core/team.h"
#include "callosum/core/whole_file.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/learn/torch/task_file.h"
#include "callosum/nets/backend.h"
#include "callosum/report/chart.h"
#include "callosum/report/page.h"
#include "callosum/report/text.h"

namespace callosum::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string percent(double share) { return report::fixed(100 * share, 2) + " %"; }

Json as_json(const learn::Score& s) {
  return {{"accuracy", s.accuracy},
          {"loss", s.loss},
          {"samples", s.samples},
          {"spikes_per_sample", s.spikes},
          {"synaptic_operations_per_sample", s.synaptic_operations}};
}

report::Chart curves_chart(const nets::Curves& curves, const std::string& id,
                           const std::string& title, const std::string& y,
                           const std::vector<std::pair<std::string, std::string>>& names) {
  report::Lines plot;
  plot.x_title = "epoch";
  plot.y_title = y;
  for (const auto& [key, shown] : names) {
    const auto found = curves.values.find(key);
    if (found == curves.values.end()) continue;
    report::Line line;
    line.name = shown;
    line.y = found->second;
    for (std::size_t k = 0; k < line.y.size(); ++k) line.x.push_back(static_cast<double>(k + 1));
    plot.lines.push_back(std::move(line));
  }
  return {id, title, "", std::move(plot)};
}

void write_report(const fs::path& file, const std::string& name, const learn::FitResult& r,
                  const learn::Score& test, const report::Entries& facts) {
  std::vector<std::pair<std::string, std::string>> rates, gradients;
  for (const auto& [key, values] : r.curves.values) {
    if (key.starts_with("firing.")) rates.emplace_back(key, key.substr(7));
    if (key.starts_with("gradient.")) gradients.emplace_back(key, key.substr(9));
  }
  std::string body = report::masthead(name + ": training", "", "");
  report::Entries cards{
      {"test accuracy", percent(test.accuracy)},
      {"best epoch", std::to_string(r.best_epoch + 1)},
      {"spikes a sample", report::fixed(test.spikes, 1)},
      {"synaptic operations a sample", report::fixed(test.synaptic_operations, 0)}};
  body += report::cards(cards);
  for (const report::Chart& chart :
       {curves_chart(r.curves, "loss", "Loss", "loss (no unit)",
                     {{"loss", "training"}, {"validation_loss", "validation"}}),
        curves_chart(r.curves, "accuracy", "Accuracy", "share of samples (no unit)",
                     {{"accuracy", "training"}, {"validation_accuracy", "validation"}}),
        curves_chart(r.curves, "firing", "Firing rates", "spikes a neuron and step", rates),
        curves_chart(r.curves, "gradients", "Norms of gradients", "norm (internal units)",
                     gradients)})
    body += report::figure_element(report::draw(chart));
  body += report::facts(facts);
  write_whole_file(file.string(), report::whole_page(name + ": training", name, body), "report");
}

}  // namespace

int train(const TrainCommand& command) {
  const int threads = command.threads > 0 ? command.threads : available_cores();
  nets::start(threads);
  learn::TaskFile task =
      learn::read_task(network_path(command.file),
                       {.set = assignments(command.set), .arrays = data::read_hdf5_numbers});
  task.module.threads = threads;
  if (command.epochs) task.fit.epochs = *command.epochs;
  if (command.seed) task.module.seed = task.fit.seed = *command.seed;
  const std::string name = task.file.network.name();
  const fs::path folder = command.out.empty() ? fs::path("results") / name : fs::path(command.out);
  fs::create_directories(folder);
  task.fit.checkpoint = (folder / "training.checkpoint").string();
  if (!command.resume) fs::remove(task.fit.checkpoint);

  std::ostream& out = command.json ? std::cerr : std::cout;
  const learn::TaskData data =
      learn::load_task_data(task.data, task.file.network.grid().dt_ms(), threads);
  out << name << ": " << report::grouped(task.file.network.neurons()) << " neurons; "
      << data.description << "; " << data.training.size() << " training, " << data.validation.size()
      << " validation, " << data.test.size() << " test samples\n";
  const std::shared_ptr<learn::Trainable> made = learn::make_trainable(task);
  learn::Trainable& module = *made;
  if (task.initial_rate > 0 && !command.resume) {
    auto* const plain = dynamic_cast<learn::Module*>(made.get());
    if (!plain)
      throw UnsupportedError({.where = "[train]",
                              .what = "initial_rate is for networks without convolutions",
                              .expected = "norm = true, which sets the rates"});
    learn::initialise_rates(*plain, data.training, task.initial_rate);
  }

  watch_for_interrupt();
  ProgressPrinter printer;
  task.fit.progress = [&](const Progress& progress) {
    printer(progress);
    return !interrupted();
  };
  const auto started = std::chrono::steady_clock::now();
  learn::FitResult result;
  try {
    result = learn::fit(module, data.training, data.validation.size() ? &data.validation : nullptr,
                        task.fit);
  } catch (const Interrupted&) {
    printer.finish();
    std::cerr << "interrupted: --resume goes on after the last whole epoch\n";
    return stopped_with_checkpoint;
  }
  printer.finish();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const learn::Score test = learn::score(module, data.test, task.fit.readout);
  learn::write_task(task, module.network(), folder / name);

  Json json{{"name", name},
            {"data", data.description},
            {"threads", threads},
            {"seed", task.fit.seed},
            {"epochs", result.curves.epochs()},
            {"best_epoch", result.best_epoch},
            {"stopped_early", result.stopped_early},
            {"resumed", result.resumed},
            {"seconds", seconds},
            {"test", as_json(test)}};
  if (data.validation.size()) json["validation"] = {{"accuracy", result.best_accuracy}};
  for (const auto& [key, values] : result.curves.values) json["curves"][key] = values;
  for (const learn::Activity& a : result.activity)
    json["activity"][a.population] = {
        {"rate", a.rate}, {"silent", a.silent}, {"saturated", a.saturated}};
  json["advice"] = result.advice;
  write_whole_file((folder / "train.json").string(), json.dump(2) + "\n", "train.json");
  write_report(
      folder / "report.html", name, result, test,
      {{"data", data.description},
       {"training", readable_duration(seconds) + ", " + std::to_string(threads) + " threads"},
       {"seed", std::to_string(task.fit.seed)}});

  out << "trained " << result.curves.epochs() << " epochs in " << readable_duration(seconds);
  if (data.validation.size())
    out << "; best is epoch " << result.best_epoch + 1 << ", validation accuracy "
        << percent(result.best_accuracy);
  out << "\ntest accuracy " << percent(test.accuracy) << " of " << test.samples << " samples, "
      << report::fixed(test.spikes, 1) << " spikes and "
      << report::fixed(test.synaptic_operations, 0) << " synaptic operations a sample\n";
  for (const learn::Activity& a : result.activity)
    out << "  " << a.population << ": " << report::fixed(a.rate, 3) << " spikes a step, "
        << percent(a.silent) << " silent, " << percent(a.saturated) << " saturated\n";
  for (const std::string& line : result.advice) out << "  advice: " << line << '\n';
  out << "network: " << (folder / (name + ".toml")).string()
      << "\nreport: " << (folder / "report.html").string() << '\n';
  if (command.json) std::cout << json.dump(2) << '\n';
  return success;
}

}  // namespace callosum::app
