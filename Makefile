# `make run` sets up everything and serves the product with demo data; `make test` sets up everything and tests it.
PYTHON ?= python3
BIN := .venv/bin

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-package survey --no-emit-index-url --custom-compile-command "make lock"

.PHONY: setup run dev test check bench screenshots docs lock sbom clean

.venv/runtime: requirements.lock pyproject.toml   # everything the product needs, nothing but what the hashes name
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.lock .venv/runtime   # and everything the tests need
	$(INSTALL) --require-hashes -r requirements-dev.lock
	touch $@

setup: .venv/runtime

run: .venv/runtime   # both doors, with demo data where there is none yet
	$(BIN)/survey serve --demo

dev: .venv/runtime   # one port, reloads pages and src/ when a file is saved
	PYTHONPATH=src $(BIN)/streamlit run app.py --server.runOnSave true --server.fileWatcherType auto

test: .venv/dev   # everything: both databases, a real browser
	$(BIN)/python tests/prepare_machine.py
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" --cov
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

check: .venv/dev   # the fast part
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile -q -m "not slow"

bench: .venv/dev   # speed, as ratios in one run; writes docs/benchmarks.md. QUICK=1: whether it still runs, in two minutes
	$(BIN)/python -m tests.bench $(if $(QUICK),quick)

screenshots: .venv/dev   # the pictures in docs/screenshots
	$(BIN)/python -m tests.browser.screenshots

docs: .venv/dev   # docs/commands.md and docs/settings.md, from what the program itself says
	$(BIN)/python -m tests.manual

lock:   # after a change of requirements.txt or requirements-dev.txt; what has not changed keeps its version
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) $$(grep -o '^uv==[^ ]*' requirements-dev.txt)
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

sbom: .venv/runtime   # what this installation consists of, as CycloneDX
	$(BIN)/survey sbom > sbom.json

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
