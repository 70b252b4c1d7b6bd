# Two commands: `make run` and `make test`. The rest is for people who work on the platform.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
COMPANY ?= sample
SCALE ?= 0.1
ROWS ?= 20000000
STATE ?= data/state
SCREENSHOTS ?= data/screenshots
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help run test check dev report lint lint-python lint-sql format lock bench bench-sources bench-identity bench-readers bench-report bench-scores bench-predict pictures test-browser test-bi sample-page clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Python 3.11 is needed: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages into .venv (about a minute, 1.2 GB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

run: $(INSTALLED) ## Install, run the daily job on the sample company, print what came out
	@$(BIN)/cx run --company $(COMPANY)

test: lint ## Install, run all checks and tests
	@$(BIN)/python -m compileall -q orchestration cx_assets report tests
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: lint ## The inner loop: lint, and the tests that start no job
	@$(BIN)/pytest -n 2 --dist loadfile -q -m "not slow"

test-browser: $(INSTALLED) ## The report in a real browser; needs Chromium or Chrome; pictures in SCREENSHOTS, companies of STATE
	@$(BIN)/pytest tests/browser --screenshots $(SCREENSHOTS) --state-root $(STATE)

test-bi: $(INSTALLED) .venv-superset/.installed ## Apache Superset reads what a running daily job publishes
	@$(BIN)/pytest tests/bi

.venv-superset/.installed: tests/bi/requirements.txt
	@test -x .venv-superset/bin/python || $(PYTHON) -m venv .venv-superset
	@echo "Installing Superset into .venv-superset (a few minutes, 1 GB) ..."
	@.venv-superset/bin/python -m pip install --quiet --disable-pip-version-check -r tests/bi/requirements.txt
	@touch $@

dev: $(INSTALLED) ## Open Dagster's UI on http://127.0.0.1:3000
	@$(BIN)/cx dev --company $(COMPANY)

report: $(INSTALLED) ## Open the report on what was published, on http://127.0.0.1:8501
	@$(BIN)/cx report --company $(COMPANY)

lint: lint-python lint-sql ## Ruff, mypy and sqlfluff only

lint-python: $(INSTALLED)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

lint-sql: $(INSTALLED)
	@$(BIN)/sqlfluff lint dbt_project data/companies

format: $(INSTALLED) ## Let ruff and sqlfluff mend the layout
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/sqlfluff fix dbt_project data/companies

lock: $(INSTALLED) ## Resolve pyproject.toml anew into requirements.lock
	@$(BIN)/python -m pip install --quiet "uv==0.13.9"
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --group dev --no-emit-index-url --output-file requirements.lock pyproject.toml

bench: $(INSTALLED) ## The daily job at SCALE beside a hand-written DuckDB script
	@$(BIN)/python -m tests.benchmarks.daily_job --scale $(SCALE)

bench-sources: $(INSTALLED) ## ROWS rows from CSV and PostgreSQL beside DuckDB's reader and ConnectorX
	@$(BIN)/python -m tests.benchmarks.sources --rows $(ROWS)

bench-identity: $(INSTALLED) ## Duplicates found among records with known truth, beside plain Splink
	@$(BIN)/python -m tests.benchmarks.identity

bench-readers: $(INSTALLED) ## 16 readers without pause through 200 publications, with kills and rollbacks
	@$(BIN)/python -m tests.benchmarks.readers

bench-report: $(INSTALLED) ## Seconds until the overview of COMPANY in STATE stands, in Chromium if there is one
	@$(BIN)/python -m tests.benchmarks.report --state-root $(STATE) --company $(COMPANY)

bench-scores: $(INSTALLED) ## Scores beside a hand-written statement; coverage of intervals, false and found changes
	@$(BIN)/python -m tests.benchmarks.scores

bench-predict: $(INSTALLED) ## Lifetime value on the data of the papers, and for a million customers
	@$(BIN)/python -m tests.benchmarks.predict

pictures: $(INSTALLED) ## The README's pictures from what COMPANY has published in STATE
	@$(BIN)/python -m report.showcase --published $(STATE)/$(COMPANY)/published --into docs/pictures

sample-page: $(INSTALLED) ## Write docs/sample-company.md: the sample company in pictures, its truth beside them
	@$(BIN)/python -m tests.benchmarks.sample_page

clean: ## Remove generated state (landings, warehouse, publications)
	@rm -rf data/state data/benchmarks
