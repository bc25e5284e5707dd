# Every command of the project. `make help` says what each does.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
SCALE  ?= 1
SEED   ?= 1
EVIDENCE ?= build/evidence
KEY    ?= build/evidence.pub
SIGNERS ?= build/approvers
RUN    := PYTHONPATH=plugins:. $(BIN)/python -W ignore -m local_stack

.DEFAULT_GOAL := help
.PHONY: help install demo verify code-digest up down status store compose-env test faults mutants bench bench-quick bench-freeze bench-archive bench-redirects check format audit lock clean

help:  ## What each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/installed  ## Python packages, pinned by hash, into .venv

$(VENV)/installed: requirements.txt requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@total=$$(cat requirements.txt requirements-dev.txt | grep -c '^[a-z].*==') && echo "installing $$total packages, about three minutes" && \
	$(BIN)/pip install --disable-pip-version-check --progress-bar off --require-hashes --only-binary :all: -r requirements.txt -r requirements-dev.txt \
	  >$(VENV)/install.log 2>&1 & pid=$$!; \
	while kill -0 $$pid 2>/dev/null; do sleep 5; \
	  printf '  %s found, %s\n' "$$(grep -c '^Collecting' $(VENV)/install.log)" \
	    "$$(grep -q '^Installing' $(VENV)/install.log && echo installing || echo downloading)"; done; \
	wait $$pid || { tail -n 20 $(VENV)/install.log; exit 1; }
	$(BIN)/pip check
	@touch $@

demo: install  ## Rehearse the whole calendar on this machine; writes build/demo.json and build/evidence/
	@$(RUN) demo --scale $(SCALE)

verify:  ## Check certificates and all they name, needing only Python (EVIDENCE=build/evidence KEY=build/evidence.pub SIGNERS=build/approvers)
	@$(PYTHON) expectations/verify.py $(EVIDENCE) --key $(KEY) $(if $(wildcard $(SIGNERS)),--signers $(SIGNERS)) \
	  $(if $(filter build/evidence,$(EVIDENCE)),--rehearsal)

code-digest:  ## The hash of the code as certificates name it, of this checkout or of TAG=<tag>; needs only Python
	@if [ -n "$(TAG)" ]; then git archive $(TAG) plugins dags expectations | $(PYTHON) expectations/code_digest.py -; \
	  else $(PYTHON) expectations/code_digest.py .; fi

up: install  ## Start the local stack (or what of it is not running)
	@$(RUN) up

down:  ## Stop the local stack; its data stays
	@if [ -x $(BIN)/python ]; then $(RUN) down; fi

status: install  ## Name every process of the local stack and its state
	@$(RUN) status

store: install  ## Generate the legacy store and mi.com's side (SCALE=1 is about 50,000 customers)
	@$(RUN) store --scale $(SCALE)

compose-env:  ## Secrets for docker-compose.yml, into .env (one that is there stays)
	@$(PYTHON) deploy/make_env.py

test: install browser nginx check  ## Everything CI runs, in two processes
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 25

faults: install browser nginx  ## Crashes, races, cut connections and rules switched off, at length; writes build/faults.json (SEED=1)
	$(BIN)/python -m pytest tests --faults -m faults --ignore tests/faults --ignore tests/scenarios --ignore tests/mutants
	$(BIN)/python -m pytest tests/faults tests/scenarios --faults --seed $(SEED)

mutants: install  ## Change each column of extract.sql and load.sql in turn and ask the gates; writes build/mutants.json (ENTITY=orders)
	ENTITY="$(ENTITY)" $(BIN)/python -m pytest tests/mutants --faults -s -k every_mutant

bench: install nginx  ## Measure against what others reach; writes bench/results/latest.json
	@PYTHONPATH=plugins:. $(BIN)/python -W ignore -m bench

bench-quick: install nginx  ## The same measures on a small store, to see that they work
	@PYTHONPATH=plugins:. $(BIN)/python -W ignore -m bench --quick

bench-freeze: install  ## How long the store is closed, and how long nobody sells on the way back, with 100,000 and with 10,000,000 rows; writes bench/results/freeze.json
	@PYTHONPATH=plugins:. $(BIN)/python -W ignore -m bench --freeze

bench-archive: install  ## How fast 10,000,000 rows are archived, and what that holds in memory; writes bench/results/archive.json
	@PYTHONPATH=plugins:. $(BIN)/python -W ignore -m bench --archive

bench-redirects: install nginx  ## The redirect service beside nginx with the same 100,000 pages; writes bench/results/redirects.json
	@PYTHONPATH=plugins:. $(BIN)/python -W ignore -m bench --redirects

check: install  ## Format, lint, types and privacy classes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --strict expectations/verify.py
	PYTHONPATH=plugins:. $(BIN)/python -m local_stack.privacy

format: install  ## Format and sort
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: browser
browser:  # Chromium for the test that drives the UI; Debian's packages where we may install them
	@command -v chromedriver >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null; } || \
	  { echo "The browser test needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)"; exit 1; }

.PHONY: nginx
nginx:  # For the tests that ask it what they ask the redirect service; it is only ever run unprivileged, on a free port
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light >/dev/null; } || \
	  { echo "The tests of the redirects need nginx (Debian: apt-get install nginx-light)"; exit 1; }

audit:  ## Ask public advisories about every pinned package; needs the internet (pypi.org and its vulnerability API)
	$(PYTHON) -m venv build/audit && build/audit/bin/pip install -q --only-binary :all: pip-audit
	build/audit/bin/pip-audit --disable-pip --require-hashes -r requirements.txt -r requirements-dev.txt

lock: install  ## Compile requirements*.txt anew from requirements*.in
	$(BIN)/pip-compile -q --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --allow-unsafe -o requirements.txt requirements.in
	$(BIN)/pip-compile -q --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --allow-unsafe -o requirements-dev.txt requirements-dev.in

clean: down  ## Throw away the local stack's data and everything built
	rm -rf .local build
