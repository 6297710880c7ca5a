# Two commands do everything on a fresh Debian machine: `make run` and `make test`.
# Both install what is missing first, and need no network once that is done.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export OMP_THREAD_LIMIT := 1
# Every command is a process of its own: none should translate the same modules again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test types tests bench torture install lock clean

run: ## install, build the demo group if there is none, serve
	@.ci/install run "$(PYTHON)"
	@$(BIN)/lockbox demo --if-empty
	@LOCKBOX_LOG_LEVEL=$${LOCKBOX_LOG_LEVEL:-WARNING} $(BIN)/lockbox serve

test: ## install, then every check: style, types, layers, tests
	@.ci/install test "$(PYTHON)"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types tests  # what looks at types keeps one core busy

types:
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: ## three at a time on two cores: some wait for a browser, for processes, for a clock
	TMPDIR=$$(.ci/scratch) $(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder

bench: ## the slow measurements, each with sample size, seed and a peer
	@.ci/install run "$(PYTHON)"
	$(BIN)/lockbox bench read --count 2000 --jobs 2
	$(BIN)/lockbox bench remittance --count 200 --jobs 2
	$(BIN)/lockbox bench match
	$(BIN)/lockbox bench icl
	$(BIN)/lockbox bench deposit --checks 500
	$(BIN)/lockbox bench jobs
	$(BIN)/lockbox bench imb
	$(BIN)/lockbox bench scanline
	$(BIN)/lockbox bench returned --count 400

torture: ## every case on both databases, no sample of any, properties on new inputs; kill -9 of workers, web and Redis, 50 times
	@.ci/install test "$(PYTHON)"
	LOCKBOX_TEST_INPUTS=search TMPDIR=$$(.ci/scratch) $(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m tests.crash.torture --kills 50
	$(BIN)/python -m tests.crash.torture --kills 50 --postgresql

install:
	@.ci/install run "$(PYTHON)"

lock: ## write the locked dependencies anew
	$(BIN)/uv pip compile --quiet --extra dev --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
