# make run    a bundled policy finds pizza on a bundled phone, from pixels
# make test   the tests            make test-all   the slow ones too
# make check  lint, format, types  make clean      undo the installation
# Each of them first installs into .venv, once. PYTHON=... picks the interpreter.

VENV := .venv
BIN := $(VENV)/bin
FOLDERS := actions agent envs evals model

# The first interpreter on the path that is recent enough; python3 where none is, to say so.
PYTHON ?= $(firstword $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p; done) python3)

# Tests start many interpreters: each would compile the project anew where keeping that is forbidden.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all check links clean
run: $(VENV)/.installed
	$(BIN)/qvl-agent run --env android --device sim "find pizza"

# Two processes, with a thread each: a file's tests stay together, as they share what is dear to make.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile

test: $(VENV)/.installed
	$(PYTEST) -m "not slow"

test-all: $(VENV)/.installed
	$(PYTEST) --hypothesis-profile thorough

check: $(VENV)/.installed links
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Type checkers follow no import hook of an editable install; they read this folder of links.
links:
	@mkdir -p .links/qvl_agent && find .links -xtype l -delete
	@ln -sfn $(addprefix $(CURDIR)/,$(FOLDERS)) $(wildcard $(CURDIR)/src/qvl_agent/*) .links/qvl_agent/

clean:
	rm -rf $(VENV) .links qvl_agent.egg-info .mypy_cache .ruff_cache .hypothesis

# constraints.txt pins what was tested. --clear: an installation that was broken off leaves ruins.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "qvl-agent needs Python 3.11 or later; this is " + sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV): a few minutes, once."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@# ALFRED's version of ai2thor, beside the one that is installed: a test finds it there.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(VENV)/thor210 ai2thor==2.1.0 progressbar2==4.6.0 python-utils==4.2.0 || echo "ai2thor 2.1.0 could not be fetched; its tests are skipped"
	@touch $@
