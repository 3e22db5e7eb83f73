#pragma once

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

/// The studies of the protocol. Each writes what it measured.
namespace callosum::experiment {

/// Random segments meet random codes: n = 1,000, a = 100, s = 20.
void random_overlaps(const Trial& trial, Outcome& out);

/// Patterns that share one segment: n = 2,000, a = 40, s = 15, theta = 8.
void unions(const Trial& trial, Outcome& out);

/// What the formulas say without any draw.
void closed_forms(Outcome& out);

/// Errors of one neuron on stored codes with noise and on fresh ones; for `segments` also with
/// another threshold, and how often the event-driven simulator decides alike.
void recognition_study(const Trial& trial, Outcome& out);

}  // namespace callosum::experiment
