# Everything a person needs: `make demo` and `make test`. Needs only Python >= 3.11 and make.

PYTHON ?= python3
PIP = .venv/bin/pip --disable-pip-version-check --quiet
LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
       --no-emit-index-url --no-header --quiet --all-extras

# These compile nearly every loop. Two processes would each do it.
COMPILING = tests/features/test_baskets.py tests/features/test_outcomes.py tests/run/test_load.py \
            tests/scoring/test_ledger.py

.PHONY: help demo test coverage test-faults check bench lock clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: .venv/run.stamp ## A simulated chain with known thefts, through the whole way
	.venv/bin/shrinkwatch demo --workspace demo

test: .venv/dev.stamp ## All tests
	.venv/bin/pytest $(COMPILING)
	.venv/bin/pytest --numprocesses 2 --dist loadgroup

coverage: .venv/dev.stamp ## All tests, and which lines they ran (half as long again)
	.venv/bin/pytest --numprocesses 2 --dist loadgroup --cov --cov-report=term

test-faults: .venv/dev.stamp ## Kill and break things (SHRINKWATCH_KILLS=500 for long)
	.venv/bin/pytest -m faults -s

check: .venv/dev.stamp ## Style, types and the stairs
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/dev.stamp ## The numbers the project holds itself to (an hour and more)
	.venv/bin/python bench/load.py
	.venv/bin/python bench/replay.py
	.venv/bin/python bench/nightly.py
	.venv/bin/python bench/live.py
	.venv/bin/shrinkwatch bench detect --suite v1

lock: ## Pin every dependency again, with hashes (needs uv)
	$(LOCK) --group build --output-file requirements/run.lock
	$(LOCK) --group build --group dev --group bench --output-file requirements/dev.lock

clean: ## Remove the environment and the demo
	rm -rf .venv demo

.venv/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit("Shrinkwatch needs Python 3.11 or newer; try: make PYTHON=python3.12 demo" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/pip requirements/run.lock pyproject.toml
	$(PIP) install --no-compile --require-hashes --requirement requirements/run.lock
	$(PIP) install --no-build-isolation --no-deps --editable .
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.lock
	$(PIP) install --no-compile --require-hashes --requirement requirements/dev.lock
	-.venv/bin/python -m compileall -qq -j 2 .venv/lib src # once, where Python is told not to keep it
	touch $@
