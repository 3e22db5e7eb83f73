#pragma once

#include <string>

#include "callosum/experiment/protocol.h"

/// Results as text that lasts. Numbers read back as the same doubles; those that JSON does not know
/// are the strings "NaN", "inf" and "-inf".
namespace callosum::experiment {

/// Version of result.json and of the files of trials.
inline constexpr int format_version = 1;

/// `key` names all that the outcome depends on.
std::string outcome_text(const Outcome& outcome, const std::string& key);
/// False when the text is broken, of another version or has another key: then it is as if it were
/// not there.
bool read_outcome(const std::string& text, const std::string& key, Outcome& outcome);

std::string result_text(const Result& result);
/// FileError for a text that is no result of this version; `file` stands in it.
Result read_result(const std::string& text, const std::string& file);

/// What `callosum reproduce list` shows of an experiment, written when its program is built.
std::string description_text(const Experiment& experiment);

}  // namespace callosum::experiment
