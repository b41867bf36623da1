# Each target is complete in itself: it makes its own environment in .venv and installs what it needs, once.
#   make demo     audit, curate and measure the docstrings of the installed packages; writes curate-demo/
#   make test     every test, slow and browser ones included, doctests and the example plugin
#   make lint     style, types and import contracts          make format   rewrite the files to the style
#   make extras   install and import every extra from clean (long; needs gigabytes)

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO := $(VENV)/.installed-demo
DEV := $(VENV)/.installed-dev
PLUGINS := $(wildcard plugins/*/pyproject.toml)
KERNELS := hatch_build.py $(wildcard curate/kernels/csrc/*.c curate/kernels/csrc/*.h)

.DELETE_ON_ERROR:
.PHONY: demo test lint format extras clean

demo: $(DEMO)
	$(BIN)/curate demo --out curate-demo

test: $(DEV)
	$(BIN)/python -m pytest -n $(WORKERS) -m "" --durations 8 tests plugins curate

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

extras:
	$(PYTHON) tests/extras/check_extras.py

clean:
	rm -rf $(VENV) build dist curate-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "curate needs Python 3.11 or newer and '$(PYTHON)' is not (try: make PYTHON=python3.12 $(MAKECMDGOALS))" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# A stamp is made last and is newer than what it was made from, so a second call installs nothing.
$(DEMO): pyproject.toml constraints.txt $(KERNELS) | $(BIN)/python
	$(PIP) -e '.[train]'
	@touch $@

$(DEV): pyproject.toml constraints.txt $(KERNELS) $(PLUGINS) | $(BIN)/python
	$(PIP) -e '.[train,dev]' $(foreach plugin,$(PLUGINS),-e $(dir $(plugin)))
	@touch $@
