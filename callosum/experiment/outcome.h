#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace callosum::experiment {

/// Numbers over another number: a learning curve.
struct Curve {
  std::vector<double> x, y;
};

/// values[row * columns + column].
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
};

/// What one arm gave for one seed. Stored as it is, so that it is never computed twice.
struct Outcome {
  std::map<std::string, double> values;
  std::map<std::string, Curve> curves = {};
  std::map<std::string, Matrix> matrices = {};
  std::string note = {};  ///< "diverged at step 120"; shown in the report
  double seconds = 0;     ///< filled in by the protocol
};

}  // namespace callosum::experiment
