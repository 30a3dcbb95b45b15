# `make` alone lists the targets. Variables, on the command line or in the environment:
#   PORT         port of the local stack (default 4566)
#   LOCAL_DIR    folder of the local stack's files (default .local); one per stack
#   CREDENTIALS  credentials file for the local stack (default: the one it was last given, else
#                credentials.yml, else the example's channels that need no secret)
#   PRUNE        1: `make up` removes from a running stack the sections that the file lacks
#   PARAMETERS   more template parameters, "RasaUrl=http://127.0.0.1:5005 LogLevel=DEBUG"
#   URL          stack to talk to with `make shell` (default: the local one)
#   BENCHMARKS   names of the benchmarks that `make bench` runs (default: all)
#   CONFIG_ENV   samconfig.toml environment that `make deploy` uses (default dev)
#   OPTIONS      more options of `sam deploy` for `make deploy`
#   CHANNEL      channel whose tests `make test-channel` runs

.DEFAULT_GOAL := help
CONFIG_ENV ?= dev
BIN := .venv/bin
READY := .venv/ready
TOOLS := .venv/tools
MINISTACK := .venv/ministack
SOCKETIO4 := .venv/socketio4
AUDIT := .venv/audit
DOCS := .venv/docs
ADDON_REQUIREMENTS := $(wildcard layers/channels/addons/requirements.txt)
BENCH := .venv/bench
NODE_PACKAGES := tests/node/node_modules/.package-lock.json
RASA_WEBCHAT := .venv/rasa-webchat/package/lib/index.js

# A version of pip that knows --group.
PIP := pip==26.3

# Not every environment writes byte code; without it each test process compiles everything anew.
TESTS := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m

.PHONY: help setup run up down shell test test-channel check bench audit docs deploy clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | \
		awk -F'|' '{printf "%-19s %s\n", $$1, $$2}'

setup: $(READY) ## create .venv for the stack (does nothing if it is up to date)
	@echo ".venv is ready: make up. (make check and make test add their tools at their first run.)"

run: $(READY) ## run the local stack with its logs in the foreground, until Ctrl-C
	@$(BIN)/python -m ops run

up: $(READY) ## start the local stack in the background; returns when it is ready
	@$(BIN)/python -m ops up

down: $(READY) ## stop everything that `make up` started
	@$(BIN)/python -m ops down

shell: $(READY) ## talk to the local stack, or to a deployed one with URL=https://...
	@$(BIN)/python -m ops shell

test: $(TOOLS) $(NODE_PACKAGES) $(RASA_WEBCHAT) ## run all tests, the end-to-end ones on local stacks of their own
	@$(TESTS) pytest --numprocesses=auto

test-channel: $(TOOLS) ## run the tests of one channel, without a stack: CHANNEL=slack
	@$(TESTS) tests.one_channel "$(CHANNEL)" -q

check: $(TOOLS) ## check format, lint, types, template
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy layers functions ops benchmarks
	@SAM_CLI_TELEMETRY=0 $(BIN)/sam validate --lint

bench: $(TOOLS) $(BENCH)/ready ## measure what the channels cost: tables in Markdown (takes minutes)
	@$(BIN)/python -m benchmarks $(BENCHMARKS)

audit: $(AUDIT)/ready ## check the template (checkov) and libraries for vulnerabilities (uses the internet)
	@$(AUDIT)/bin/checkov --config-file .checkov.yaml --file template.yaml
	@$(AUDIT)/bin/pip-audit --strict --requirement layers/channels/requirements.txt
	@mkdir -p $(AUDIT)/npm
	@for folder in functions/webchat/static/vendor/socket.io-*; do \
		npm install --prefix $(AUDIT)/npm --package-lock-only --ignore-scripts --no-fund \
			--loglevel=error "socket.io-client@$${folder##*-}" && \
		npm audit --prefix $(AUDIT)/npm || exit 1; \
	done

docs: $(DOCS)/ready ## build the documentation as a searchable site, in site/, and check its links
	@$(DOCS)/bin/mkdocs build --clean --strict

deploy: $(READY) ## build and deploy to AWS with samconfig.toml's environment CONFIG_ENV
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/sam build --config-env $(CONFIG_ENV)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/sam deploy --config-env $(CONFIG_ENV) $(OPTIONS)
	@echo "Next: $(BIN)/python -m ops credentials push FILE --stack-name <name of the stack>"

clean: ## stop the local stack and remove build results (.venv stays)
	@[ ! -e $(READY) ] || $(BIN)/python -m ops down
	rm -rf .aws-sam .local .local-bench .hypothesis .mypy_cache .pytest_cache .ruff_cache site
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(READY): pyproject.toml ops/find-python $(ADDON_REQUIREMENTS)
	@python=$$(ops/find-python) && echo "Setting up .venv with $$python" && \
		"$$python" -m venv .venv && "$$python" -m venv --clear $(MINISTACK)
	@echo "1 of 2: SAM CLI and the libraries (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(PIP)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group stack \
		$(addprefix --requirement ,$(ADDON_REQUIREMENTS))
	@echo "2 of 2: MiniStack, the AWS of the local stack (half a minute)"
	@$(BIN)/python -m pip --python $(MINISTACK)/bin/python install --quiet \
		--disable-pip-version-check --group ministack
	@touch $@

# What tests and checks need beside it; no stack does.
$(TOOLS): pyproject.toml $(READY)
	@echo "Adding the tools of make check and make test to .venv (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group stack --group tools \
		$(addprefix --requirement ,$(ADDON_REQUIREMENTS))
	@$(BIN)/python -m venv --clear $(SOCKETIO4)
	@$(BIN)/python -m pip --python $(SOCKETIO4)/bin/python install --quiet \
		--disable-pip-version-check --group socketio4
	@touch $@

$(AUDIT)/ready: pyproject.toml $(READY)
	@$(BIN)/python -m venv --clear $(AUDIT)
	@$(BIN)/python -m pip --python $(AUDIT)/bin/python install --quiet \
		--disable-pip-version-check --group audit
	@touch $@

$(DOCS)/ready: pyproject.toml $(READY)
	@$(BIN)/python -m venv --clear $(DOCS)
	@$(BIN)/python -m pip --python $(DOCS)/bin/python install --quiet \
		--disable-pip-version-check --group docs
	@touch $@

# Libraries for comparison, in a separate environment: none of them is ever deployed.
$(BENCH)/ready: pyproject.toml $(READY)
	@$(BIN)/python -m venv --clear $(BENCH)
	@$(BIN)/python -m pip --python $(BENCH)/bin/python install --quiet \
		--disable-pip-version-check --group bench
	@touch $@

# Vendors' own JavaScript, to check what we send. Without npm those tests are skipped (in CI
# they fail).
$(NODE_PACKAGES): tests/node/package-lock.json
	@if command -v npm >/dev/null; then \
		npm ci --prefix tests/node --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else echo "npm is not installed: tests that need it are skipped"; fi

# A chat widget as its users have it, one file. Installed as a package it would bring its 590
# build dependencies.
$(RASA_WEBCHAT): $(READY)
	@if command -v npm >/dev/null; then \
		mkdir -p .venv/rasa-webchat && \
		npm pack rasa-webchat@1.0.1 --silent --pack-destination .venv/rasa-webchat >/dev/null && \
		tar -xzf .venv/rasa-webchat/rasa-webchat-1.0.1.tgz -m -C .venv/rasa-webchat package/lib/index.js; \
	fi
