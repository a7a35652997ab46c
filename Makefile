# `make run` sets up everything and serves the product with demo data; `make test` sets up everything and tests it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run dev test check bench screenshots clean

.venv/runtime: requirements.txt pyproject.toml   # everything the product needs
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/runtime   # and everything the tests need
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

setup: .venv/runtime

run: .venv/runtime   # both doors, with demo data where there is none yet
	$(BIN)/survey serve --demo

dev: .venv/runtime   # one port, reloads pages and src/ when a file is saved
	PYTHONPATH=src $(BIN)/streamlit run app.py --server.runOnSave true --server.fileWatcherType auto

test: .venv/dev   # everything: both databases, a real browser
	$(BIN)/python tests/prepare_machine.py
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/dev   # the fast part
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 -q --ignore=tests/browser --ignore=tests/test_real_data.py

bench: .venv/dev   # speed, as ratios in one run; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench

screenshots: .venv/dev   # the pictures in docs/screenshots
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
