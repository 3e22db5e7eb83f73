#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace callosum::experiment {

/// A number that changes with the bytes of this program: outcomes of another build are not taken
/// over. 0 where the system does not say which file runs.
std::uint64_t program_fingerprint();

/// A number that changes with the sources an experiment depends on: its own folder and, by
/// following its includes, the headers and sources of the floors below `report`. "" when `root`
/// (the folder with callosum/ and experiments/) holds no such experiment.
std::string source_fingerprint(const std::string& root, const std::string& slug);

/// The paths below the house that a source text includes: "callosum/nets/draws.h".
std::vector<std::string> included_paths(const std::string& text);

/// "0123456789abcdef".
std::string hexadecimal(std::uint64_t number);

}  // namespace callosum::experiment
