# Everything that is done with Rightsdesk. All set-up happens by itself; `make test` and `make demo` need Python and nothing else.
#
#   make test          lint, types, template, package, tests
#   make demo          the whole system on this machine: two requests played, then it stays up (ONCE=1: ends by itself)
#   make help          the rest

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
SAM := SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
REGION ?= eu-west-1
ARCHITECTURE ?= arm64
PARALLEL ?= 2

# The newest Python here that Lambda has too. What builds the package must be what runs it.
RUNTIME_PYTHON ?= $(shell for v in 3.13 3.12 3.11; do python$$v -c pass >/dev/null 2>&1 && { echo $$v; break; }; done)

# What the package is made of; when none of it is newer, it is not built again.
PACKAGED := $(shell find template.yaml functions layers statemachine requirements tools -type f \
	! -path '*/__pycache__/*' ! -name '* *' ! -name dev.txt ! -name dev.in 2>/dev/null)
CODE := layers/core/python local tests tools $(wildcard functions/*/app.py)

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# ---- set-up, each once

.venv/.ready: requirements/dev.txt tools/make_environment.sh tools/install_command.sh
	@tools/make_environment.sh .venv requirements/dev.txt
	@tools/install_command.sh .venv
	@touch $@

.venv-sam/.ready: requirements/sam.txt tools/make_environment.sh | .venv/.ready
	@tools/make_environment.sh .venv-sam requirements/sam.txt
	@touch $@

.PHONY: setup
setup: .venv/.ready .venv-sam/.ready  ## all that the other targets need (they call it themselves)
	@tools/install_browser.sh

# ---- test

.PHONY: test
test: setup lint types template package  ## lint, types, template, package, tests
	@$(BIN)/pytest -n $(PARALLEL) --dist loadfile -m "not benchmark"

.PHONY: lint
lint: .venv/.ready  ## ruff: rules and format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

.PHONY: types
types: .venv/.ready  ## mypy, strict
	@$(BIN)/mypy $(CODE)

.PHONY: format
format: .venv/.ready  ## put the code into the one format
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

.PHONY: template
template: .build/template-valid  ## sam validate --lint

.build/template-valid: template.yaml $(wildcard statemachine/*) | .venv-sam/.ready
	@$(SAM) validate --lint --region $(REGION)
	@mkdir -p .build && touch $@

.PHONY: bench
bench: .venv/.ready  ## measure, and write docs/performance.md
	@$(BIN)/pytest -n 0 -q -m benchmark tests/benchmarks

# ---- run on this machine

.PHONY: demo
demo: .venv/.ready  ## a copy of the data and an erasure, played from the form; ONCE=1 ends by itself
	@$(BIN)/rightsdesk demo $(if $(ONCE),--once)

.PHONY: up
up: .venv/.ready  ## the system on this machine, with the sample shop
	@$(BIN)/rightsdesk up

# ---- build and deploy

.PHONY: build package
build package: .build/package-sound  ## the package in .aws-sam/build, with its bytecode, checked

.build/package-sound: $(PACKAGED) | .venv/.ready .venv-sam/.ready
	@[ -n "$(RUNTIME_PYTHON)" ] || { echo "sam build needs python3.13, python3.12 or python3.11 on the PATH" >&2; exit 1; }
	@mkdir -p .build && rm -f $@
	@PYTHON_VERSION=$(RUNTIME_PYTHON) ARCHITECTURE=$(ARCHITECTURE) $(SAM) build --region $(REGION) \
		--parameter-overrides PythonRuntime=python$(RUNTIME_PYTHON) Architecture=$(ARCHITECTURE) >.build/sam-build.log 2>&1 \
		|| { cat .build/sam-build.log >&2; exit 1; }
	@python$(RUNTIME_PYTHON) tools/compile_bytecode.py .aws-sam/build
	@$(BIN)/python tools/check_build.py .aws-sam/build --python-version $(RUNTIME_PYTHON)
	@touch $@

.PHONY: deploy
deploy: build  ## sam deploy with samconfig.toml (docs/deploy.md)
	@grep -q 'PythonRuntime=python$(RUNTIME_PYTHON)"' samconfig.toml || { \
		echo "The package was built with Python $(RUNTIME_PYTHON), samconfig.toml deploys another: see docs/deploy.md." >&2; exit 1; }
	@$(SAM) deploy

# ---- keep up

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url

.PHONY: lock
lock: .venv/.ready  ## pin the newest versions that the .in files allow
	@cd requirements && ../$(LOCK) --upgrade -o dev.txt dev.in
	@cd requirements && ../$(LOCK) --upgrade -c dev.txt -o runtime.txt runtime.in
	@cd requirements && ../$(LOCK) --upgrade -c dev.txt -o columnar.txt columnar.in
	@cd requirements && ../$(LOCK) --upgrade -o sam.txt sam.in

.PHONY: cost
cost: .venv/.ready  ## compute docs/cost.md from the template
	@PYTHONPATH=layers/core/python:. $(BIN)/python -m tools.cost --write docs/cost.md

.PHONY: clean
clean:  ## remove what was set up and built
	@rm -rf .venv .venv-sam .aws-sam .build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -r {} +
