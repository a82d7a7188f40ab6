# Two commands: `make demo` and `make test`. Both set up first; nothing outside .venv is touched
# except the graphics library that headless rendering needs (scripts/setup.sh says so when it installs it).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0

.PHONY: setup demo test check bench clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml scripts/setup.sh
	bash scripts/setup.sh $(PYTHON) $(VENV)
	touch $@

demo: setup
	$(BIN)/diarchy demo

test: setup
	$(BIN)/python -m pytest -q -n 2

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every number of the README, measured again (some hours). ALFRED=path/to/annotations adds the language baseline.
bench: setup
	bash scripts/bench.sh $(BIN)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
