# One page of commands; each sets up what it needs and reuses what is there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.installed

.PHONY: help setup check test format lint types contracts demo up lab-up lab-down clean
help:  ## show this page
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 14

$(SETUP): requirements.lock pyproject.toml
	@$(PYTHON) -m lab packages
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(SETUP)

setup: $(SETUP)  ## virtual environment and Debian packages
	@$(BIN)/python -m lab prepare

format: $(SETUP)  ## rewrite the code in the house format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: $(SETUP)  ## format and lint check
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(SETUP)  ## strict type check
	@$(BIN)/mypy

contracts: $(SETUP)  ## imports point inwards
	@$(BIN)/lint-imports

test: setup  ## all tests, the ones against the real Asterisk included
	@$(BIN)/python -m pytest

check: lint types contracts test  ## what CI runs

demo: setup  ## real calls through a real Asterisk on this machine
	@$(BIN)/python -m lab.demo

up: $(SETUP)  ## the engine alone, against your Asterisk
	@$(BIN)/dzwonek up

clean:  ## remove the virtual environment and local state
	rm -rf $(VENV) var
