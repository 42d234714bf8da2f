# `make practice` and `make test` do everything, from a machine that has only Python, make and a package manager.
# Set-up is in setup/; running it again costs a second.
.PHONY: help practice demo test scorecard rehearse lint lock audit release sbom setup setup-dev
.DEFAULT_GOAL := help

help:
	@echo 'make practice   set everything up, then a spoken practice session'
	@echo 'make demo       set everything up, then the whole way on a bundled recording, unattended'
	@echo 'make test       set everything up, then style, types, import directions and all tests'
	@echo 'make scorecard  every row of the scorecard at nightly size, written to docs/reliability.md'
	@echo 'make rehearse   seven candidates with a voice, a short session each at real pace: twenty minutes'
	@echo 'make lint       what make test checks before it runs the tests'
	@echo 'make lock       rewrite requirements*.lock after a change of dependencies (needs uv)'
	@echo 'make audit      known holes in the locked packages; ADVISORIES=all.zip for those of a file you have'
	@echo 'make release    make test and make audit, then the wheel and what it is made of (CycloneDX), into dist/'
	@echo 'make sbom       what an installed copy is made of, alone'

practice: setup
	@.venv/bin/viva practice

demo: setup
	@.venv/bin/python -m assistant.demo

ROWS = tests/scorecard

# What measures the machine as well is tried one after the other.
test: lint
	.venv/bin/pytest -m 'not alone and not real_pace' --numprocesses auto --dist loadfile --no-loadscope-reorder --durations=20
	.venv/bin/pytest -m 'alone and not real_pace' --durations=20

scorecard: setup-dev
	.venv/bin/pytest $(ROWS) --nightly --page docs/reliability.md

rehearse: setup-dev
	.venv/bin/pytest tests/e2e/test_spoken_candidates.py -s -m real_pace

lint: setup-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

setup:
	@sh setup/setup.sh practice

setup-dev:
	@sh setup/setup.sh test

# The tests' packages are locked against those of the program, so that both have the same versions.
UV_COMPILE = uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --python-version 3.11

lock:
	@command -v uv >/dev/null || { echo 'make lock needs uv: python3 -m pip install uv'; exit 1; }
	$(UV_COMPILE) --quiet -o requirements.lock
	$(UV_COMPILE) --quiet --extra dev -c requirements.lock -o requirements-dev.lock

ADVISORIES = setup/advisories.json

audit: setup-dev
	.venv/bin/python setup/audit.py $(ADVISORIES)

release: test audit sbom
	.venv/bin/python -m pip wheel . --no-deps --no-build-isolation --no-index --wheel-dir dist

sbom: setup-dev
	.venv/bin/python setup/sbom.py dist/vivavoce.cdx.json
