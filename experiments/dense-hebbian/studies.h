#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

/// The studies of the protocol. Each reads the arm and writes what it measured.
namespace callosum::experiment {

/// Overlaps over the number of examples of one quality, and how far they are from the closed form.
void learning_curve(const Trial& trial, Outcome& out, const std::string& part, double quality,
                    std::initializer_list<std::int64_t> examples, std::int64_t judged_from);

/// Overlaps over the number of archetypes and examples: 100 neurons, r = 0.2.
void storage_study(const Trial& trial, Outcome& out);

/// Glauber dynamics against the replica-symmetric equations, over inverse temperatures in units of
/// R^(-P/2).
void temperature_study(const Trial& trial, Outcome& out);

/// Share of test images whose class is found, by order of the interaction.
void image_study(const Trial& trial, Outcome& out);

}  // namespace callosum::experiment
