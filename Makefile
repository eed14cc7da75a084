# The whole interface of the project. `make demo` and `make test` work on a fresh machine with Python 3.11, pip, make and git.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV := .bootstrap/bin/uv
BENCHMARKS := engine features fleet_size threads memory histogram start day
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

.PHONY: help setup lock demo test lint types contracts check format bench

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

$(UV):
	@echo "[1/2] bootstrapping uv into .bootstrap"
	@$(PYTHON) -m venv .bootstrap
	@.bootstrap/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

.venv/.ready: $(UV) pyproject.toml requirements.lock
	@echo "[2/2] creating .venv from requirements.lock"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .venv/bin/python requirements.lock
	@$(UV) pip install --quiet --no-deps --python .venv/bin/python --editable .
	@touch $@

lock: $(UV) ## resolve the dependencies anew
	@$(UV) pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	@$(UV) pip compile -q pyproject.toml --group dev --group oracle --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements.lock -o requirements-bench.lock

setup: .venv/.ready ## create the environment; leaves .venv/bin/tonnage

demo: setup ## review examples/web-shop and say where the HTML report is
	@echo "[demo] the engine is compiled once (10 to 20 s on a small machine); later runs start warm"
	@.venv/bin/tonnage review examples/web-shop/tonnage.yaml --html build/web-shop.html; code=$$?; \
	  if [ $$code -gt 1 ]; then exit $$code; fi

test: setup ## the whole test suite
	@.venv/bin/python -m pytest -n auto --dist loadgroup -q

lint: setup ## ruff: rules and format
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: setup ## mypy --strict
	@.venv/bin/mypy

contracts: setup ## the walls between the rooms
	@.venv/bin/lint-imports

check: test lint types contracts ## what CI runs

format: setup ## write the format
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

bench: setup ## every goal of the request-level engine beside what is measured; 10 minutes
	@$(UV) pip install --quiet --require-hashes --python .venv/bin/python -r requirements-bench.lock
	@for name in $(BENCHMARKS); do echo "[bench] $$name"; .venv/bin/python benchmarks/$$name.py || exit 1; done
