# Everything a contributor runs. Each target is complete on a machine with Python >= 3.11, git and make.
PYTHON ?= python3
BIN := .venv/bin
NODE_TOOLS := .tools/node

COPY := $(BIN)/copier copy --trust --defaults --vcs-ref HEAD --data-file example-brief.yml

.PHONY: help setup lock demo test fast lint lint-workflows format example schema checks adopting nightly bytecode bench bench-scaffolding bench-growth bench-history bench-merge bench-checks
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: .venv/.complete $(NODE_TOOLS)/.complete ## Make .venv with the pack and the development tools

.venv/.complete: pyproject.toml requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Linters that only npm has. Without npm their tests are skipped and named at the end of the run.
$(NODE_TOOLS)/.complete: tests/tools/package.json tests/tools/package-lock.json
	@mkdir -p $(NODE_TOOLS)
	@if command -v npm >/dev/null; then \
	  cp $^ $(NODE_TOOLS)/ && npm ci --prefix $(NODE_TOOLS) --no-audit --no-fund --loglevel=error && touch $@; \
	else echo 'npm is missing: Markdown lint tests will be skipped'; fi

lock: ## Bring what setup installs to its newest versions
	$(PYTHON) -m venv .tools/lock
	.tools/lock/bin/python -m pip install --quiet uv
	.tools/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command 'make lock' --group dev --output-file requirements-dev.txt pyproject.toml
	npm install --prefix tests/tools --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

demo: setup ## Run the main job on the example brief, into a new repository demo/
	@rm -rf demo && git init --quiet demo
	$(COPY) "$(CURDIR)" demo
	@echo && echo 'The plan begins:' && sed -n '1,40p' demo/docs/plan_docs/saved-carts/feature-plan.md
	@echo && echo 'Its tree passes its tests:' && cd demo && ../$(BIN)/python -m pytest --quiet
	@echo && $(BIN)/groundplan -C demo status && $(BIN)/groundplan -C demo check

example: setup ## Render docs/example anew, for reviewers to read
	@rm -rf .cache/example docs/example && mkdir -p .cache
	$(COPY) --quiet "$(CURDIR)" .cache/example
	@cp -R .cache/example/docs/plan_docs/saved-carts docs/example && rm docs/example/.copier-answers.yml

schema: setup ## Write the brief's JSON Schema anew
	$(BIN)/groundplan schema --template . --ref HEAD > docs/reference/brief.schema.json

checks: setup ## Write the reference of checks anew, from the rules
	$(BIN)/groundplan explain > docs/reference/checks.md

adopting: setup ## Write anew in the how-to where the headings of other plans arrive
	@mkdir -p .cache
	@sed '/^<!-- Written by `make adopting`. -->/q' docs/how-to/adopt.md > .cache/adopt.md
	@echo >> .cache/adopt.md && $(BIN)/python -m groundplan.adopting.arrivals >> .cache/adopt.md
	@mv .cache/adopt.md docs/how-to/adopt.md

lint: setup ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Takes Go, and fetches the linter.
lint-workflows: setup ## Check the workflows of CI
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

format: setup ## Format the Python code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test: lint bytecode ## Run the whole suite
	$(BIN)/pytest -n 2 --dist worksteal

fast: setup bytecode ## Run what takes little time, for while one works: no tool chain, no rendering of whole trees
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow" tests/text tests/merging/test_merge.py tests/plan tests/checks \
	  tests/progress tests/rendering tests/test_git.py tests/features/test_brief.py

nightly: setup ## Try the merge's promises on many more examples, and kill commands at two hundred moments
	HYPOTHESIS_PROFILE=nightly KILLS=100 $(BIN)/pytest -n 2 tests/merging/test_properties.py tests/copying/test_kills.py

# Bytecode, which pip makes when it installs a package, but not for an editable one.
bytecode: setup
	@$(BIN)/python -m compileall -q extensions

bench: bench-scaffolding bench-growth bench-history bench-merge bench-checks ## Run every benchmark; each writes its part of docs/benchmarks.md

bench-scaffolding: bytecode ## Make and update many features, beside other tools
	$(BIN)/python benchmarks/scaffolding.py

bench-growth: bytecode ## Run each command beside more and more features; SIZES names other numbers of them
	$(BIN)/python benchmarks/growth.py $(if $(SIZES),--sizes $(SIZES))

bench-history: bytecode ## Tell the history of many plans
	$(BIN)/python benchmarks/history.py

bench-merge: bytecode ## Merge real plans, beside git and mergiraf; TRIPLES names another folder of them
	$(BIN)/python benchmarks/merge.py $(TRIPLES)

bench-checks: bytecode ## Check many plans, beside other tools
	$(BIN)/python benchmarks/checks.py
