#pragma once

/// Everything a program that simulates needs. Free of LLVM, MPI, HDF5 and libtorch types.
#include "callosum/core/error.h"
#include "callosum/core/progress.h"
#include "callosum/core/units.h"
#include "callosum/format/network_file.h"
#include "callosum/library/library.h"
#include "callosum/model/model.h"
#include "callosum/network/network.h"
#include "callosum/report/report.h"
#include "callosum/sim/checkpoint.h"
#include "callosum/sim/replicas.h"
#include "callosum/sim/simulation.h"
