# Everything a contributor runs. Each target is complete on a machine with Python >= 3.11, git and make.
PYTHON ?= python3
BIN := .venv/bin
NODE_TOOLS := .tools/node

.PHONY: help setup demo test lint format example
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.complete $(NODE_TOOLS)/.complete ## Make .venv with the pack and the development tools

.venv/.complete: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

# Linters that only npm has. Without npm their tests are skipped and named at the end of the run.
$(NODE_TOOLS)/.complete: tests/tools/package.json
	@mkdir -p $(NODE_TOOLS)
	@if command -v npm >/dev/null; then \
	  cp tests/tools/package.json $(NODE_TOOLS)/ && npm install --prefix $(NODE_TOOLS) --no-audit --no-fund --no-package-lock --loglevel=error && touch $@; \
	else echo 'npm is missing: Markdown lint tests will be skipped'; fi

lint: setup ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: setup ## Format the Python code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test: lint ## Run the whole suite
	$(BIN)/pytest -n 2 --dist worksteal
