# One page of commands; each sets up what it needs and reuses what is there.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help install machine setup format lint types contracts test check demo lab-up lab-down up clean

help:  ## show this page
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 12

$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || (echo "On Debian: apt install python3-venv" >&2; exit 1)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(INSTALLED)

install: $(INSTALLED)  ## the engine alone: .venv/bin/dzwonek and what it imports

# Debian packages and a real Asterisk, as root; nothing to do when they are there.
machine:
	@$(PYTHON) -m lab prepare

setup: machine  ## everything that tests and demo need
	@$(MAKE) --no-print-directory $(INSTALLED)

format: $(INSTALLED)  ## rewrite the code in the house format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: setup  ## format and lint check
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: setup  ## strict type check
	@$(BIN)/mypy

contracts: setup  ## imports point inwards
	@$(BIN)/lint-imports

test: setup  ## all tests, the ones against the real Asterisk included
	@$(BIN)/python -m tests

check: lint types contracts test  ## what CI runs

demo: setup  ## real calls through a real Asterisk on this machine (KEEP=1: leave it running)
	@$(BIN)/python -m lab.demo

lab-up: setup  ## the laboratory alone
	@$(BIN)/python -m lab up

lab-down:  ## end the laboratory and what the demo left running
	@$(PYTHON) -m lab down

up: $(INSTALLED)  ## the engine alone, against your Asterisk (settings: DZWONEK_…, see docs/operations.md)
	@$(BIN)/dzwonek up

clean:  ## remove the virtual environment and local state
	rm -rf .venv var
