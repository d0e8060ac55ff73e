# Paperclub's chores. `make` alone lists them.
#
#   ARGS      goes on to the command:    make chat ARGS="--script FILE"    make test ARGS="-k outbox"
#   PIP_ARGS  goes on to pip's install:  make chat PIP_ARGS="--extra-index-url ADDRESS", for PyTorch's small CPU build
#   PYTHON    makes the environment:     make chat PYTHON=/path/to/python3.12

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP_ARGS ?=
ARGS ?=

# Tests start many processes and read many files: whatever the environment says, Python keeps what it compiles.
# Each worker takes a part of the tests and, when it is through, some of what another has left. Many tests wait
# for processes and for pauses that have to be real, so three workers keep two cores busy.
TESTS := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help chat web test test-fast check faults fuzz walk

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST))

chat: $(VENV)/.installed ## set up what is missing and open the console
	@$(BIN)/paperclub chat $(ARGS)

web: $(VENV)/.installed ## set up what is missing and show the web page on the samples
	@$(BIN)/paperclub web $(ARGS)

test: $(VENV)/.installed-dev ## set up what is missing and run every test, long fault runs at a smaller size, in under ten minutes on two cores
	$(TESTS) -n 3 --dist worksteal -m "not long" $(ARGS)

test-fast: $(VENV)/.installed-dev ## run the tests that need no model, database or process, in about a minute
	$(TESTS) -n 2 --dist worksteal -m "not slow and not long" tests/unit tests/papers tests/adapters $(ARGS)

check: $(VENV)/.installed-dev ## lint, formatting, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: $(VENV)/.installed-dev ## kill, cut and refuse on purpose, and count lost and doubled posts
	$(TESTS) -m long
	$(BIN)/python benchmarks/posts.py --platform slack --database sqlite --workers 1 $(ARGS)
	$(BIN)/python benchmarks/posts.py --platform slack --database postgresql --workers 4 $(ARGS)
	$(BIN)/python benchmarks/posts.py --platform discord --database sqlite --workers 1 $(ARGS)
	$(BIN)/python benchmarks/posts.py --platform discord --database postgresql --workers 4 $(ARGS)

fuzz: $(VENV)/.installed-dev ## feed every border with damaged payloads, files and texts for half an hour
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz.run $(ARGS)

walk: $(VENV)/.installed-dev ## run a search, a vote and a digest, and print the files that each went through
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.walks $(ARGS)

# A stamp is newer than both files once pyproject.toml is installed in the versions of constraints.txt.

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Paperclub needs Python 3.11 or newer; none was found. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Paperclub needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/python -m pip install $(PIP_ARGS) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/python -m pip install $(PIP_ARGS) --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/.installed $@
