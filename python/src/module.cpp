#include "convert.h"

NB_MODULE(_core, m) {
  using namespace callosum::python;
  m.doc() = "The compiled part of callosum; use `import callosum`.";
  nb::set_leak_warnings(false);  // what lives until the interpreter ends is no leak of a user's
  m.attr("__version__") = CALLOSUM_VERSION;
  bind_errors(m);
  bind_quantities(m);
  bind_values(m);
  bind_models(m);
  bind_views(m);
  bind_network(m);
  bind_network_file(m);
  bind_nir(m);
  bind_recording(m);
  bind_sonata(m);
  bind_simulation(m);
  bind_unroll(m);
}
