#include "apps/common/claims_table.h"

#include <cmath>
#include <ostream>

#include "callosum/core/progress.h"
#include "callosum/report/text.h"

namespace callosum::app {

using experiment::JudgedClaim;
using report::rounded;

void print_claims(std::ostream& out, const experiment::Result& result) {
  out << result.title << " (" << result.size << " size, " << result.seeds.size() << " seeds, tier "
      << result.tier << ", " << readable_duration(result.seconds) << " of computing)\n";
  for (const JudgedClaim& claim : result.claims) {
    const std::string verdict(name(claim.result.verdict));
    out << "  " << verdict << std::string(13 - std::min<std::size_t>(verdict.size(), 12), ' ')
        << claim.id << ": " << claim.text << '\n';
    out << "               " << claim.measure << " = " << rounded(claim.result.mean);
    if (std::isfinite(claim.result.low) && std::isfinite(claim.result.high))
      out << " [" << rounded(claim.result.low) << ", " << rounded(claim.result.high) << "]";
    if (!claim.bar.empty()) out << ", bar " << claim.bar;
    out << '\n';
    if (claim.canary)
      out << "               canary " << (claim.canary_passes() ? "passes" : "DOES NOT PASS")
          << ": with " << claim.fake_text << " it is " << rounded(claim.fake.mean) << " ("
          << name(claim.fake.verdict) << ")\n";
  }
}

}  // namespace callosum::app
