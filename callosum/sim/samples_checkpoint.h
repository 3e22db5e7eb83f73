#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "callosum/core/ranks.h"
#include "callosum/sim/stream.h"

namespace callosum::sim {

/// Of a recorder R of samples (record.values, file, flushed, merged), `samples` rows of `width`
/// numbers since the last flush, those of other ranks' neurons +0: gathers them at the first rank
/// (collective) and writes them out, where there is a file.
template <class R>
void flush_samples(R& recorder, std::size_t samples, std::size_t width, Ranks* ranks) {
  std::vector<double>& values = recorder.record.values;
  if (ranks != nullptr) {
    values.resize(samples * width);
    merge(*ranks, std::span(values).subspan(recorder.merged * width));
    recorder.merged = samples;
  }
  const bool elsewhere = ranks != nullptr && ranks->rank() != 0;
  if (recorder.file) recorder.file->append(values.data(), samples * width * sizeof(double));
  if (!recorder.file && !elsewhere) return;
  recorder.flushed += static_cast<std::int64_t>(samples);
  recorder.merged = 0;
  values.clear();
}

/// What a checkpoint keeps of a recorder R of samples (record.values, file, flushed), `size`
/// numbers in all: those in memory, or the length of the file they were streamed to.
template <class R>
void save_samples(ArchiveWriter& out, const std::string& name, const R& recorder,
                  std::size_t size) {
  if (recorder.file)
    save_stream(out, name, *recorder.file);
  else
    out.put(name, std::span<const double>(recorder.record.values).first(size));
}

/// `samples` rows of `width` numbers; those of an earlier run were streamed to `folder`.
template <class R>
void load_samples(const ArchiveReader& in, const std::string& name, const std::string& folder,
                  R& recorder, std::size_t samples, std::size_t width, Ranks* ranks) {
  recorder.flushed = 0;
  recorder.merged = 0;
  recorder.record.values.clear();
  if (ranks != nullptr && ranks->rank() != 0) {
    recorder.flushed = static_cast<std::int64_t>(samples);
    return;
  }
  recorder.merged = samples;
  if (!is_streamed(in, name)) {
    recorder.record.values = in.get<double>(name, samples * width);
    return;
  }
  const auto bytes = resume_stream(in, name, folder, recorder.file.get());
  if (!bytes) {
    recorder.flushed = static_cast<std::int64_t>(samples);
    recorder.merged = 0;
    return;
  }
  recorder.record.values = doubles(*bytes);
  if (recorder.record.values.size() != samples * width)
    in.refuse(name, "the streamed samples are not as many as they were");
}

}  // namespace callosum::sim
