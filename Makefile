# `make run` plays, `make test` tests, `make check` lints and type-checks. Each makes .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FOLDERS := actions agent envs evals model

.PHONY: run test test-all check links
run: $(VENV)/.installed
	$(BIN)/qvl-agent run --env numberline --model nano --seed 7

test: $(VENV)/.installed
	$(BIN)/python -m pytest -q -m "not slow"

test-all: $(VENV)/.installed
	$(BIN)/python -m pytest -q

check: $(VENV)/.installed links
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests examples

links:
	mkdir -p .links/qvl_agent
	ln -sfn $(addprefix $(CURDIR)/,$(FOLDERS)) $(wildcard $(CURDIR)/src/qvl_agent/*) .links/qvl_agent/

# constraints.txt pins what was tested; its torch is a CPU build (see README for GPUs).
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "qvl-agent needs Python 3.11 or later, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
