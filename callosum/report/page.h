#pragma once

#include <string>
#include <vector>

#include "callosum/report/figures.h"
#include "callosum/report/report.h"

namespace callosum::report {

/// The style sheet: both themes, phones, print.
std::string style();
/// The script: theme switch, export of figures, copying of the configuration. The page can be read
/// without it.
std::string_view script();

/// Pieces of the page, as HTML.
std::string heading(const Recording& recording, const ReportContext& context);
std::string summary_cards(const Recording& recording, const ReportContext& context);
std::string population_table(const Recording& recording);
std::string figure_element(const Figure& figure);
std::string provenance(const Recording& recording, const ReportContext& context);

}  // namespace callosum::report
