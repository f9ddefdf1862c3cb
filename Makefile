# Everything a fresh clone needs; see README.md. PYTHON chooses the interpreter (3.11 to 3.14).
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
WORKERS ?= 2

.PHONY: run test test-redis test-prefect test-all check format bench screenshots chaos clean

run: .venv/run.stamp
	@exec $(BIN)/python manage.py up

test: .venv/dev.stamp
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" $(ARGS)

# What depends most on Redis, on the redis-server that the machine has.
test-redis: .venv/dev.stamp
	@FLINT_REDIS_SERVER=path $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" \
		$(addprefix tests/,events_app/stream events_app/storage/test_reader.py \
		events_app/services/test_recording.py events_app/api/test_ingest.py events_app/test_tasks.py \
		project/test_services_run.py project/test_probes.py accounts_app/web/test_sign_in.py \
		project/lib/test_password_attempts.py triggers_app/services/test_fired_for_real.py)

# The real client in another release: make test-prefect PREFECT=3.6.13
PREFECT ?= 3.9.1
test-prefect: .venv/dev.stamp
	@PREFECT=$(PREFECT) FLINT_TEST_PREFECT=required $(BIN)/python -m pytest -n 0 \
		tests/prefect_client $(ARGS)

test-all: .venv/dev.stamp
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev.stamp
	$(BIN)/python -m bench $(ARGS)

chaos: .venv/dev.stamp
	$(BIN)/python -m tests.chaos $(ARGS)

screenshots: .venv/dev.stamp
	$(BIN)/python -m scripts.screenshots

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage

.venv/python.stamp:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(FITS)' \
		|| { echo "Flint needs Python 3.11 to 3.14. Say which: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

# Compiled here, by all cores: where PYTHONDONTWRITEBYTECODE is set, as in many images, each start
# would compile everything anew.
COMPILE = $(BIN)/python -m compileall -q -j 0
SOURCES = manage.py project accounts_app events_app runs_app triggers_app demo

.venv/run.stamp: requirements.txt .venv/python.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.txt
	@$(COMPILE) $(BIN)/../lib $(SOURCES) || true
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements.txt .venv/python.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements-dev.txt
	@$(COMPILE) $(BIN)/../lib $(SOURCES) || true
	@$(BIN)/python -m scripts.chromium
	@touch .venv/run.stamp $@
