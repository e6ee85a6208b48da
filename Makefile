# Parley. `make` alone lists what there is.
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help setup run test demo-mail oracle simulate torture bench check format lock migrate docs

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed  ## prepare .venv: Parley and the libraries of the lock, nothing else

run: setup  ## start the service with a sample conversation (make run PORT=8123)
	@PARLEY_LOG_LEVEL=$${PARLEY_LOG_LEVEL:-warning} exec $(BIN)/parley serve --port $(PORT) --demo

test: $(VENV)/.tools  ## run every test
	@sh scripts/system-packages.sh
	@$(BIN)/python -m pytest $(ARGS)

demo-mail: $(VENV)/.tools  ## play a conversation by mail alone, on a mail server of its own, and show the mails
	@sh scripts/system-packages.sh
	@$(BIN)/python -m tests.by_mail

oracle: $(VENV)/.tools  ## compare free time with a slow oracle (make oracle CASES=100000 SEED=1)
	@$(BIN)/python -m tests.oracle $(or $(CASES),2000) $(or $(SEED),$$(date +%s))

simulate: $(VENV)/.tools  ## live through simulated worlds of conversations (make simulate SEEDS=100000 SEED=1)
	@$(BIN)/python -m tests.simulator $(or $(SEEDS),5000) $(or $(SEED),$$(date +%s))

torture: $(VENV)/.tools  ## kill, freeze and cut off a service under load (make torture MINUTES=60 DATABASE=postgresql SEED=1)
	@$(BIN)/python -m tests.faults --minutes $(or $(MINUTES),10) --database $(or $(DATABASE),sqlite) \
		$(if $(SEED),--seed $(SEED)) $(ARGS)

bench: $(VENV)/.tools  ## measure beside a ceiling, in about twenty minutes (make bench ARGS=--help)
	@sh scripts/system-packages.sh
	@$(BIN)/python -m bench $(ARGS)

check: $(VENV)/.tools  ## format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -p no:randomly tests/test_layers.py

format: $(VENV)/.tools  ## format the code and mend what lint can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

migrate: setup  ## bring the database of PARLEY_DATABASE up to date
	@$(BIN)/parley migrate

docs: $(VENV)/.tools  ## redraw the state diagram in docs/concepts.md from the code
	@$(BIN)/python scripts/draw_states.py

lock: $(VENV)/.tools  ## resolve the dependencies anew into the lock files
	@sh scripts/lock.sh $(BIN)

$(VENV)/.installed: requirements.lock pyproject.toml
	@echo "preparing $(VENV), which takes a minute the first time ..." >&2
	@sh scripts/make-venv.sh $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed requirements-dev.lock
	@echo "installing what checks and tests need ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
