#pragma once

#include <filesystem>

#include "callosum/format/network_file.h"
#include "callosum/learn/torch/convolution.h"
#include "callosum/learn/torch/encoded.h"
#include "callosum/learn/torch/fit.h"

namespace callosum::learn {

/// [data] of a network file: which samples the input population sees.
struct DataSource {
  std::string set;  ///< a data set of images, "n-mnist-small" (events) or "fsdd" (spoken digits)
  ImageCode code = {};
  std::int64_t training = 0, test = 0;  ///< how many, the first ones; 0: all
  std::int64_t validation = 0;          ///< of the training samples, drawn; 0: none
  // Sound:
  std::int64_t bands = 70;  ///< of the filter bank, an input neuron each
  double range_dB = 60;     ///< below the loudest moment, where a band falls silent
  std::int64_t copies = 1;  ///< of each training utterance, with spikes drawn anew
};

/// Samples of a task. Validation samples are taken from the training part of the data set, never
/// from its test part.
struct TaskData {
  SpikeSamples training, validation, test;
  std::string description;
};
/// Throws what the loaders throw; ValueError, ShapeError when the parts asked for are not there.
TaskData load_task_data(const DataSource& source, double dt_ms, int threads);

/// A network file with [data] and [train]: a network, what it learns from, and how.
struct TaskFile {
  format::NetworkFile file;
  DataSource data;
  ModuleOptions module;
  FitOptions fit;
  std::vector<Convolution> convolutions;  ///< trained in the place of projections; may be empty
  double initial_rate = 0;                ///< initialise_rates() first; 0: weights as they are
  std::string sections;                   ///< [data] and [train] as they stand in the file
};
/// What the task trains: a Module, or where the file has [[train.convolution]], a ConvolutionStack.
std::shared_ptr<Trainable> make_trainable(const TaskFile& task);

/// Throws what read_network throws, and errors of the same form for the two sections.
TaskFile read_task(const std::filesystem::path& file,
                   const format::NetworkOverrides& overrides = {});

/// Writes `name`.toml and, with its arrays, `name`.h5: the task with this network in the place of
/// its own.
void write_task(const TaskFile& task, const Network& network, const std::filesystem::path& name);

}  // namespace callosum::learn
