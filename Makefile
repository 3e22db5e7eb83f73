# A thin front for CMake. `make help` lists what there is.
BUILD ?= build
JOBS ?= $(shell nproc)
# Debian's own Python has the Debian packages, whatever else stands earlier in the path.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)

.PHONY: help demo test canaries gallery models build setup-build setup-test verify sanitize thread-sanitize fuzz bench format format-check tidy clean

help:
	@echo "make demo      build, simulate the cortical microcircuit at scale 0.1, write its report"
	@echo "make test      build everything and run the tests"
	@echo "make canaries  decisive claims of all experiments, real mechanism and fake"
	@echo "make gallery   docs/gallery from the committed results of the experiments"
	@echo "make models    docs/models: a page for every model of the library"
	@echo "make verify    the long form: sanitizers, fuzzing, full matrices, formatting"
	@echo "make bench     speed and memory beside Brian2 and NEURON in one run (installs both)"
	@echo "make format    clang-format over the tree"

setup-build:
	@scripts/setup build
setup-test:
	@scripts/setup build learn test python mpi
	@scripts/python-env $(BUILD)/python-env

# Configured each time (a second), so that what set-up has just installed is found.
configure = echo "configure: $(BUILD)" && mkdir -p $(BUILD) && \
  (cmake --preset release -B $(BUILD) $(CMAKE_ARGS) >$(BUILD)/configure.log 2>&1 || (cat $(BUILD)/configure.log; exit 1))

build: setup-build
	@$(configure)
	@echo "build: the program callosum (a few minutes the first time)"
	@cmake --build $(BUILD) --parallel $(JOBS) --target callosum

demo: build
	@echo "demo: Potjans-Diesmann microcircuit, scale 0.1, 1 s of biological time"
	@$(BUILD)/bin/callosum run networks/microcircuit.toml --scale 0.1 --time 1s --out results/microcircuit

test: setup-test
	@$(configure)
	@echo "build: everything (a few minutes the first time)"
	@cmake --build $(BUILD) --parallel $(JOBS)
	@echo "test: unit tests, invariants, references, command line, installation, Python"
	@ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS)

canaries: setup-test
	@$(configure)
	@cmake --build $(BUILD) --parallel $(JOBS)
	@$(BUILD)/bin/callosum reproduce --all --canaries --out $(BUILD)/canaries

gallery: setup-test
	@$(configure)
	@cmake --build $(BUILD) --parallel $(JOBS) --target gallery
	@mkdir -p docs/gallery
	@$(BUILD)/bin/gallery . docs/gallery/index.html

models: build
	@$(BUILD)/bin/callosum model doc --out docs/models

sanitize: setup-test
	@cmake --preset sanitize -DPython_EXECUTABLE=$(abspath $(BUILD)/python-env/bin/python)
	@cmake --build build-sanitize --parallel $(JOBS)
	@ctest --test-dir build-sanitize --output-on-failure --parallel $(JOBS) -LE slow

# What runs on several threads: the team, construction, delivery, plasticity, recordings, ranks, replicas. All-to-all rows drawn again are left to the plain tests: ten minutes.
threaded = ^(Team|Simulation|Split|Checkpoint|Streamed|Delivery|Steps|ZeroDelays|DelayRanges|Intervals|Plastic|SynapticStates|OfA|Recording|Reset|Rules/Redrawn|Replicas|Threads/AnyReplicas|Allocation)
thread-sanitize:
	@scripts/setup build learn test
	@cmake --preset thread-sanitize
	@cmake --build build-thread --parallel $(JOBS) --target test_core test_sim
	@ctest --test-dir build-thread --output-on-failure --parallel $(JOBS) -R '$(threaded)' -E 'Redrawn.*/All'

fuzz:
	@scripts/setup build learn test verify
	@scripts/fuzz

verify: test sanitize thread-sanitize fuzz format-check
	@scripts/check-wheel $(BUILD)/wheel-check
	@scripts/pynn-scenarios $(BUILD)
	@CALLOSUM_FULL=1 ctest --test-dir $(BUILD) --output-on-failure -R '(Invariant|Split|LibraryPrograms)'

bench: build
	@scripts/setup build bench
	@$(PYTHON) bench/run.py --program $(BUILD)/bin/callosum

SOURCES = $(shell git ls-files -co --exclude-standard '*.cpp' '*.h')
format:
	@scripts/setup verify
	@clang-format -i $(SOURCES)
format-check:
	@clang-format --dry-run --Werror $(SOURCES)
tidy: build
	@printf '%s\n' $(filter callosum/%.cpp apps/%.cpp,$(SOURCES)) | xargs -n 4 -P $(JOBS) clang-tidy-19 -p $(BUILD) --quiet

clean:
	@rm -rf build build-*
