# Two commands for users: `make demo` and `make test`. Each does all its own set-up, in either order,
# on a machine with only python3 (3.11 or later), its pip (22.3 or later) and make.
#
#   make demo PYTHON=/usr/bin/python3.12     another Python
#   make test VENV=../venv            another folder for the environment
#   make test PYTEST_ARGS="tests/cli -x"     part of the tests
#   make bench BENCH_ARGS=--full             more rounds, and a million cards
#   make wheels WHEELS_ARGS=--all            the wheels together too, and installed from the index

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
BENCH_ARGS ?=
WHEELS_ARGS ?=

BIN := $(VENV)/bin
PEER := $(VENV)/peer
STAMPS := $(VENV)/.stamps
PROJECTS := pyproject.toml $(wildcard plugins/*/pyproject.toml)
TYPED := src $(wildcard plugins/*/src) $(wildcard examples) tests/typing tools/wheels

.DELETE_ON_ERROR:
.PHONY: help demo test check wheels docs bench clean

help:
	@echo "make demo    run the demonstration (examples/demo.py), without network but for the set-up"
	@echo "make test    run every test, of the core and of the plug-ins"
	@echo "make check   style, types, arrows between packages, examples of the documentation"
	@echo "make wheels  build the wheels of all distributions, look into them, test them without the sources"
	@echo "make docs    build the documentation into docs/_build/html"
	@echo "make bench   run the benchmarks, in a few minutes (BENCH_ARGS=--full: half an hour)"
	@echo "make clean   remove the environment and everything that was built"

demo: $(STAMPS)/demo
	$(BIN)/python examples/demo.py

test: $(STAMPS)/test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(STAMPS)/check
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy $(TYPED)
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet -m check tests
	$(BIN)/python -m pytest --quiet README.md docs

wheels: $(STAMPS)/check
	$(BIN)/python tools/wheels $(WHEELS_ARGS)

docs: $(STAMPS)/check
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

bench: $(STAMPS)/test $(STAMPS)/peer
	@export VDIRSYNCER=$(abspath $(PEER))/bin/vdirsyncer code=0; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script" $(BENCH_ARGS) || code=1; done; exit $$code

clean:
	rm -rf $(VENV) demo-output docs/_build build dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find src plugins tests examples benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is filled from outside, by the pip of PYTHON: Debian's python3 cannot put a pip
# into new environments unless one more package is installed, and plain requirement files are all
# that its pip understands. A stamp is as old as the last install that succeeded.
$(STAMPS)/%: requirements-%.txt $(PROJECTS) | $(BIN)/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check -r $<
	@mkdir -p $(STAMPS) && touch $@

# What we are compared with has an environment of its own: its needs are none of ours.
$(STAMPS)/peer: requirements-peer.txt | $(PEER)/bin/python
	$(PYTHON) -m pip --python $(PEER)/bin/python install --quiet --disable-pip-version-check -r $<
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements-demo.txt
$(STAMPS)/check: requirements-test.txt requirements-demo.txt

$(BIN)/python $(PEER)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=/path/to/it ...")'
	@$(PYTHON) -c 'import pip, sys; v = tuple(map(int, pip.__version__.split(".")[:2])); sys.exit(v < (22, 3) and "pip 22.3 or later is needed: " + pip.__version__)'
	@$(PYTHON) -m venv $(@:/bin/python=) >/dev/null 2>&1 || { rm -rf $(@:/bin/python=); $(PYTHON) -m venv --without-pip $(@:/bin/python=); }
