#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callosum::data {

/// One file of a data set. Readers take it packed (.gz, .zip) or unpacked.
struct DataFile {
  std::string_view name;
  std::uint64_t bytes = 0;    ///< 0: not known before it was fetched
  std::string_view digest;    ///< SHA-256 in hex; "md5:..." where the authors publish only that
  std::string_view url = {};  ///< "": not to be had as a file of its own
};

/// One form in which a data set is found: whole, another split, or the sample that comes with
/// callosum. Its file names, or their sizes, tell it from the others.
struct Edition {
  std::string_view name;     ///< "full", "sample", "kaggle-split", ...
  std::string_view content;  ///< "60,000 + 10,000 images, the official split"
  std::vector<DataFile> files;

  bool sample() const { return name == "sample"; }
  bool downloadable() const;
  std::uint64_t bytes() const;
};

/// A data set by name: what it is, whose it is, which files it has.
struct DataSet {
  std::string_view name;  ///< also the name of its folder
  std::string_view title;
  std::string_view kind;          ///< images, events, audio, spikes, traces, text, ...
  std::string_view licence;       ///< as its source states it
  std::string_view citation;      ///< what a paper that uses it cites
  std::string_view page;          ///< where people read about it
  std::vector<Edition> editions;  ///< the one to be preferred first; a sample last

  const Edition* edition(std::string_view name) const;  ///< null when there is none
};

/// All data sets that callosum knows, by name.
std::span<const DataSet> data_sets();
/// \throws NameError naming the nearest one.
const DataSet& data_set(std::string_view name);

}  // namespace callosum::data
