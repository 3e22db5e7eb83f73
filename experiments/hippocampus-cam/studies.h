#pragma once

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"
#include "callosum/memory/cam_memory.h"

namespace callosum::experiment {

/// Forgetting: random memories of 8 cues and 16 bits, each rewritten cue by cue. Shares of rewrites
/// after which the cue gives its new content, a new bit gives the cue, an old bit does not; and of
/// forgotten cues that neither way brings back while all others stand.
void rewriting_study(const Trial& t, const memory::CamOptions& options, Outcome& out);

/// Every cue of a memory of 64 cues and 128 bits is taken, contents share bits; every cue and 256
/// sets of bits are asked. Shares of answers that are those of a dictionary.
void capacity_study(const Trial& t, const memory::CamOptions& options, Outcome& out);
/// The same when operations follow each other faster or slower, a curve over the spacing.
void spacing_study(const Trial& t, memory::CamOptions options, Outcome& out);
/// The dictionary's own shares, by the same count.
void dictionary_study(Outcome& out);

/// The smallest gaps from which on all answers of an 8 x 16 memory are right: after learning, with
/// contents that share no bit and with random ones, and after recall.
void gap_study(const Trial& t, const memory::CamOptions& options, Outcome& out);

}  // namespace callosum::experiment
