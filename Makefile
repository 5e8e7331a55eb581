# make run    re-execute every chapter and print the result table
# make test   lint, unit, integration and browser tests, and nbval over the chapters
# make lab    open the course in JupyterLab
# Each one sets up .venv first, and only what has changed since.

SHELL  := /bin/bash
PYTHON ?= python3
JOBS   ?= 2
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test lab bench lint clean constraints tools

help:
	@sed -n 's/^# make /make /p' Makefile

run: tools $(VENV)/.with-run
	@$(BIN)/rustcell run -j $(JOBS)

lab: tools $(VENV)/.with-lab
	@$(BIN)/jupyter lab --notebook-dir=. $(if $(wildcard notebooks/00_welcome.ipynb),notebooks/00_welcome.ipynb)

test: tools $(VENV)/.with-dev
	@tests/parts.sh

lint: $(VENV)/.with-dev
	@tests/parts.sh lint types course

bench: tools $(VENV)/.with-bench
	@$(BIN)/python benchmarks/edit_to_live.py --out benchmarks/results

# What the browser and the notebooks add to .venv goes with it; the cache of builds stays
# (`rustcell clean` is for that).
clean:
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --universal: one file whose environment markers cover 3.11 to 3.13 and every system.
constraints: $(VENV)/.with-dev
	@{ sed -n '/^#/p' constraints.txt; \
	   $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
	     --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml; \
	 } > constraints.new && mv constraints.new constraints.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "rustcell needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>/dev/null || echo 'not there'): install one and name it, as in 'make run PYTHON=python3.12'." >&2; exit 2; }
	@echo "Setting up $(VENV) (once, about a minute)…"
	@$(PYTHON) -m venv $(VENV) >/dev/null || { rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv' failed: on Debian and Ubuntu install python3-venv (sudo apt-get install python3-venv)." >&2; exit 2; }

# One stamp an extra; each is out of date when what it was made from has changed. uv installs in
# seconds what takes pip a minute; where its binary cannot run, pip does it.
$(VENV)/.with-%: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing rustcell[$*] into $(VENV)…"
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/python -m uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[$*]' || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$*]'
	@touch $@

tools:
	@command -v cargo >/dev/null || { \
	  echo "cargo is missing: install Rust 1.85 or newer with rustup or your system's package manager." >&2; exit 2; }
	@cargo --version | awk '{ split($$2, v, "."); exit !(v[1] > 1 || v[2] >= 85) }' || { \
	  echo "rustcell needs Rust 1.85 or newer, and this is $$(cargo --version 2>&1 | head -n 1): update it, for example with 'rustup update'." >&2; exit 2; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || { \
	  echo "a C compiler is missing, and Rust links with it: install one (Debian, Ubuntu: sudo apt-get install build-essential; macOS: xcode-select --install)." >&2; exit 2; }
