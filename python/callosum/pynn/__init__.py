"""PyNN on Callosum: `import pyNN.callosum as sim`. See docs/guide/pynn.md."""

from importlib.util import find_spec as _find_spec

from pyNN import common, errors, random, space  # noqa: F401
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.network import Network  # noqa: F401
from pyNN.random import GSLRNG, NativeRNG, NumpyRNG, RandomDistribution  # noqa: F401
from pyNN.recording import *  # noqa: F401, F403
from pyNN.recording import get_io
from pyNN.space import Space  # noqa: F401
from pyNN.standardmodels import ModelNotAvailable, StandardCellType

from . import simulator
from .cells import *  # noqa: F401, F403
from .cells import NativeCellType, native_cell_type  # noqa: F401

if _find_spec("pyNN.standardmodels.receptors"):  # since PyNN 0.12
    from .composed import *  # noqa: F401, F403
from .connectors import *  # noqa: F401, F403
from .connectors import FixedProbabilityConnector
from .electrodes import (  # noqa: F401
    ACSource, DCSource, NoisyCurrentSource, StepCurrentSource)
from .populations import Assembly, Population, PopulationView  # noqa: F401
from .projections import Connection, Projection  # noqa: F401
from .synapses import *  # noqa: F401, F403
from .synapses import StaticSynapse


def list_standard_models():
    """Names of the standard cell classes that are available."""
    return [name for name, kind in globals().items()
            if isinstance(kind, type) and issubclass(kind, StandardCellType)
            and kind is not StandardCellType]


def setup(timestep=DEFAULT_TIMESTEP, min_delay=DEFAULT_MIN_DELAY, *, max_delay=DEFAULT_MAX_DELAY,
          threads=1, seed=None, rng_seed=None, precision="double", progress=False, **extra_params):
    """Begins anew; what was described before is forgotten.

    `threads`, `precision` ("double" or "float") and `progress` are those of callosum.Simulation;
    `seed` (or `rng_seed`) decides all that the engine draws. Parameters for other back ends are accepted
    and do nothing.
    """
    common.setup(timestep, min_delay, max_delay=max_delay, **extra_params)
    seeds = extra_params.get("rng_seeds")
    seed = next((s for s in (seed, rng_seed, extra_params.get("grng_seed"),
                             seeds[0] if seeds else None) if s is not None), 1)
    state = simulator.state
    state.clear()
    state.dt = float(timestep)
    state.set_delays(min_delay, max_delay)
    state.options = {"threads": int(threads), "seed": int(seed), "precision": precision,
                     "progress": progress}
    return state.mpi_rank


def end(compatible_output=True):
    """Writes what record() was given a file for."""
    for population, variables, filename in simulator.state.write_on_end:
        population.write_data(get_io(filename), variables)
    simulator.state.write_on_end = []


run, run_until = common.build_run(simulator)
run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
(get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes,
 rank) = common.build_state_queries(simulator)
create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
set = common.set
record = common.build_record(simulator)


def record_v(source, filename):
    """record('v', ...)"""
    return record(["v"], source, filename)


def record_gsyn(source, filename):
    """record(['gsyn_exc', 'gsyn_inh'], ...)"""
    return record(["gsyn_exc", "gsyn_inh"], source, filename)
