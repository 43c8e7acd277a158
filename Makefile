# Everything runs in .venv, which the first target that needs it makes from the locked requirements.

PYTHON ?= python3
BIN := .venv/bin
PARALLEL := --numprocesses 3 --dist worksteal

.PHONY: help chat demo run test test-rest test-all coverage lint audit mutants bench chaos lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile

chat: .venv/run ## chat in the terminal, on the embedded database, with no token; WHO=NAME for another person
	@$(BIN)/python -m bot chat $(if $(WHO),--as "$(WHO)")

demo: .venv/run ## the same on invented cases; DAYS=30 lets so many days pass first
	@$(BIN)/python -m bot demo $(if $(DAYS),--days $(DAYS))

run: .venv/run ## run on Telegram, with BOT_TOKEN from the environment or .env
	@$(BIN)/python -m bot run

test: .venv/dev ## run the tests but for the long ones; at its end it says what it left out
	$(BIN)/python -m pytest $(PARALLEL) -m "not thorough"

test-rest: .venv/dev ## run what make test leaves out: the second database, and long runs of kills and walks
	$(BIN)/python -m pytest $(PARALLEL) -m thorough

test-all: test test-rest ## run every test

coverage: .venv/dev ## run the tests and say which lines and branches they leave out
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: .venv/dev ## check style, types, import layers and catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_catalogues.py

bench: .venv/dev ## measure, side by side with what it is compared with; PART=flood for one part
	$(BIN)/python -m tests.bench $(PART)

chaos: .venv/dev ## kill the bot 200 times, deliver badly, press at random, and see that nothing is lost; SEED=1 repeats
	$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED))

# What tests invent is no secret; elsewhere only these words are none. pip-audit is strict: what it could not look up is
# not taken for sound.
audit: .venv/dev ## look for faults, secrets and known vulnerabilities; the last asks PyPI
	$(BIN)/bandit --quiet --recursive bot db --severity-level high
	git ls-files -z ':!tests' | xargs -0 $(BIN)/detect-secrets-hook --exclude-secrets '(?i)^password$$|^X-Telegram-Bot-Api-Secret-Token$$'
	git ls-files -z tests | xargs -0 $(BIN)/detect-secrets-hook --exclude-secrets ':A+$$' --disable-plugin BasicAuthDetector --disable-plugin KeywordDetector
	$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.txt -r requirements-dev.txt || \
	{ echo "A dependency has a known vulnerability, or not all could be looked up: see above."; exit 1; }

mutants: .venv/dev ## change the rules in one place at a time: a test has to fail for each; FILES=bot/rules/months.py for some
	nice -n 10 $(BIN)/python tests/mutants.py $(FILES)

lock: .venv/dev ## choose dependencies anew and lock them with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --extra dev pyproject.toml -o requirements-dev.txt

clean: ## remove what the targets made, but no data
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: requirements.txt .venv/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
