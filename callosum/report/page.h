#pragma once

#include <string>
#include <utility>
#include <vector>

#include "callosum/report/figures.h"
#include "callosum/report/report.h"

namespace callosum::report {

/// The style sheet: both themes, phones, print.
std::string style();
/// The script: theme switch, export of figures, copying of the configuration. The page can be read
/// without it.
std::string_view script();

using Entries = std::vector<std::pair<std::string, std::string>>;

/// A page complete in itself: `body` between its head and its foot. `name` begins the names of
/// exported figures.
std::string whole_page(const std::string& title, const std::string& name, const std::string& body);
/// Brand, theme switch, title; `doc` and `reference` may be empty.
std::string masthead(const std::string& title, const std::string& doc,
                     const std::string& reference);
std::string cards(const Entries& entries);
std::string facts(const Entries& entries);

/// Pieces of the page of a recording, as HTML.
std::string heading(const Recording& recording, const ReportContext& context);
std::string summary_cards(const Recording& recording, const ReportContext& context);
std::string population_table(const Recording& recording);
std::string figure_element(const Figure& figure);
std::string provenance(const Recording& recording, const ReportContext& context);

}  // namespace callosum::report
