#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/report/report.h"

namespace callosum::report {

/// A population over independent runs of its network. NaN where there is no value.
struct PopulationSpread {
  std::string name, model;
  std::uint32_t size = 0;
  double rate_hz = 0, rate_hz_sd = 0;  ///< mean and standard deviation over the runs
  double cv_isi = 0, cv_isi_sd = 0;    ///< of the runs that have one
};

/// One of the runs, and where its own report is.
struct ReplicaRow {
  std::uint32_t replica = 0;
  std::uint64_t spikes = 0;
  std::string spike_hash, page;
};

/// The report of several runs as one HTML text; `one` is the recording of any of them.
std::string html(const std::vector<PopulationSpread>& populations,
                 const std::vector<ReplicaRow>& runs, const Recording& one,
                 const ReportContext& context = {});

}  // namespace callosum::report
