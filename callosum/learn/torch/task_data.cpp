#include <cmath>
#include <numeric>
#include <optional>

#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/data/audio.h"
#include "callosum/data/registry.h"
#include "callosum/data/spectrogram.h"
#include "callosum/learn/torch/task_file.h"

namespace callosum::learn {
namespace {

struct Parts {
  SpikeSamples training = {}, test = {};
  std::string description = {};
  std::optional<SpikeSamples> validation = {};  ///< where it was set apart already
};

std::size_t wanted(std::int64_t count) {
  return count > 0 ? static_cast<std::size_t>(count) : data::EventSelection::all;
}

Parts from_image_set(const DataSource& source, double dt_ms, int threads) {
  const data::ImageSet set = data::load_images(source.set);
  const auto classes = static_cast<std::int64_t>(set.classes.size());
  ImageCode code = source.code;
  Parts parts;
  parts.description = set.source.description();
  parts.training =
      encode_images(set.train.first(wanted(source.training)), code, classes, dt_ms, threads);
  code.first_sample = std::uint64_t{1} << 40;  // numbers of its own
  parts.test = encode_images(set.test.first(wanted(source.test)), code, classes, dt_ms, threads);
  return parts;
}

/// Events on the network's time grid, as many steps as asked for.
Parts from_event_set(const DataSource& source, double dt_ms) {
  const data::EventSet set =
      data::load_events(source.set, {wanted(source.training), wanted(source.test)});
  const auto encode = [&](const std::vector<data::EventRecording>& recordings) {
    std::vector<data::SpikeRaster> rasters;
    std::vector<std::int64_t> labels;
    for (const data::EventRecording& r : recordings) {
      rasters.push_back(data::bin_events(r.events, set.width, set.height,
                                         static_cast<std::uint32_t>(std::lround(1000 * dt_ms)),
                                         static_cast<std::size_t>(source.code.steps)));
      labels.push_back(r.label);
    }
    return from_rasters(rasters, std::move(labels), static_cast<std::int64_t>(set.classes.size()),
                        dt_ms);
  };
  return {encode(set.train), encode(set.test), set.source.description()};
}

/// 0 ... size - 1 in two lists, the second of `count` drawn ones. Throws ShapeError when one is
/// left empty that should not be.
std::pair<std::vector<std::size_t>, std::vector<std::size_t>> set_apart(std::size_t size,
                                                                        std::int64_t count,
                                                                        std::uint64_t seed) {
  if (!(count >= 0 && static_cast<std::size_t>(count) < size))
    throw ShapeError({.where = "data",
                      .what = "no training sample is left beside the validation samples",
                      .got = std::to_string(count) + " of " + std::to_string(size)});
  std::vector<std::size_t> mixed(size);
  std::iota(mixed.begin(), mixed.end(), std::size_t{0});
  Stream stream(StreamKey(seed, name_hash("task.validation"), Purpose::user), 0);
  for (std::size_t k = size; k-- > 1;)
    std::swap(mixed[k],
              mixed[static_cast<std::size_t>(stream.uniform() * static_cast<double>(k + 1))]);
  const auto edge = mixed.end() - count;
  return {{mixed.begin(), edge}, {edge, mixed.end()}};
}

/// Spoken digits through a filter bank; in every step a band fires with a probability that grows
/// with its level in decibels. Validation utterances are set apart before any is copied.
Parts from_spoken_digits(const DataSource& source, double dt_ms) {
  const data::AudioSet set = data::load_spoken_digits();
  std::uint64_t sample = 0;
  const auto encode = [&](const std::vector<data::Utterance>& words, std::int64_t copies) {
    std::vector<data::SpikeRaster> rasters;
    std::vector<std::int64_t> labels;
    for (const data::Utterance& word : words) {
      const auto levels =
          data::cochleagram(word.audio.mono(), {.bands = static_cast<std::size_t>(source.bands),
                                                .interval_s = dt_ms / 1000})
              .compressed(source.range_dB);
      std::vector<float> values = levels.values;
      values.resize(static_cast<std::size_t>(source.code.steps) * levels.bands, 0.0F);
      for (std::int64_t k = 0; k < copies; ++k) {
        rasters.push_back(data::encode_changing_rate(values, levels.bands, source.code.probability,
                                                     {source.code.seed, sample++}));
        labels.push_back(word.label);
      }
    }
    return from_rasters(rasters, std::move(labels), static_cast<std::int64_t>(set.classes.size()),
                        dt_ms);
  };
  const auto first = [](std::vector<data::Utterance> words, std::int64_t most) {
    if (most > 0 && static_cast<std::size_t>(most) < words.size())
      words.erase(words.begin() + most, words.end());
    return words;
  };
  const auto words = first(set.train, source.training);
  Parts parts{.description = set.source.description()};
  const auto [training, validation] = set_apart(words.size(), source.validation, source.code.seed);
  const auto of = [&](const std::vector<std::size_t>& places) {
    std::vector<data::Utterance> some;
    for (const std::size_t k : places) some.push_back(words[k]);
    return some;
  };
  parts.training = encode(of(training), source.copies);
  if (!validation.empty()) parts.validation = encode(of(validation), 1);
  parts.test = encode(first(set.test, source.test), 1);
  return parts;
}

}  // namespace

TaskData load_task_data(const DataSource& source, double dt_ms, int threads) {
  const data::DataSet& set = data::data_set(source.set);
  Parts parts;
  if (set.kind == "images")
    parts = from_image_set(source, dt_ms, threads);
  else if (set.kind == "events")
    parts = from_event_set(source, dt_ms);
  else if (set.name == "fsdd")
    parts = from_spoken_digits(source, dt_ms);
  else
    throw UnsupportedError({.where = "data set '" + source.set + "'",
                            .what = "it has no labelled samples that become spikes",
                            .got = std::string(set.kind),
                            .expected = "images, events, or spoken digits (fsdd)"});
  TaskData result;
  result.test = parts.test;
  result.description = parts.description;
  if (parts.validation || source.validation == 0) {
    result.training = parts.training;
    if (parts.validation) result.validation = *parts.validation;
  } else {
    std::tie(result.training, result.validation) =
        parts.training.split(source.validation, source.code.seed);
  }
  return result;
}

}  // namespace callosum::learn
