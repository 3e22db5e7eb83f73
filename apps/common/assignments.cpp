#include "apps/common/assignments.h"

#include "callosum/core/error.h"

namespace callosum::app {

std::map<std::string, std::string> assignments(const std::vector<std::string>& changes) {
  std::map<std::string, std::string> out;
  for (const std::string& change : changes) {
    const auto equals = change.find('=');
    if (equals == std::string::npos || equals == 0)
      throw SyntaxError({.where = "option --set",
                         .what = "this is no assignment",
                         .got = change,
                         .expected = "population.parameter=value, as in exc.V_th=-50mV"});
    out[change.substr(0, equals)] = change.substr(equals + 1);
  }
  return out;
}

}  // namespace callosum::app
