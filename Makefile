# The commands of the house. `make demo` and `make test` are all a newcomer needs.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
ROOMS ?= tests

.PHONY: help setup demo test test-kernel test-long lint format lock schema docs bench bench-full client client-check graphiql

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## create or refresh .venv; silent when nothing changed
	@$(PYTHON) tools/setup/environment.py

demo: setup ## serve a desk with example data and say how to use it
	@$(BIN)/tessera demo

test: setup ## everything this machine can run in ten minutes; skips are listed with their reasons
	$(BIN)/pytest -n $(WORKERS)

test-kernel: setup ## the kernel's tests where no package is installed; ROOMS=... for some of them
	@$(BIN)/python -m tools.setup.kernel
	.venv-kernel/bin/pytest -n $(WORKERS) -o pythonpath=". tests/dummy" --ignore=tests/house $(ROOMS)

test-long: setup ## the long proofs: crash loops, fuzzing, comparisons at full size
	$(BIN)/pytest -m long -p no:randomly

lint: setup ## format, ruff, the house's checks, the floors, types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/python -m tools.checks
	$(BIN)/lint-imports
	$(BIN)/mypy

format: setup ## let ruff format and sort what it can
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format

lock: ## resolve requirements.lock and the client generator's lock anew, keeping pins that still fit
	@tools/setup/lock

schema: setup ## print the schema into schema.graphql
	@$(BIN)/tessera schema print > schema.graphql.new
	@mv schema.graphql.new schema.graphql

docs: setup ## write the pages of docs/ that repeat what the code declares
	@$(BIN)/python -m tools.docs

bench: setup ## compare the product with its peers on 2,000 tickets, in about two minutes; wants PostgreSQL
	@$(BIN)/python -m benchmarks $(OPTIONS)

bench-full: setup ## the same on 200,000 tickets, with PostGraphile from npm: writes docs/performance.md and a chart
	@$(BIN)/python -m benchmarks --full $(OPTIONS)

client: setup ## regenerate clients/python/tessera_client from schema.graphql and the queries
	@$(BIN)/python -m tools.setup.client

client-check: setup ## say whether the committed client is what `make client` would write
	@$(BIN)/python -m tools.setup.client --check

graphiql: ## bundle GraphiQL from pinned npm packages into server/tessera/transport/graphiql/static
	@cd tools/graphiql && npm ci --no-progress && node build.mjs
