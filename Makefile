# One command for each thing; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup neural demo up down test test-airflow test-stages test-neural test-console lint format docs bench images images-smoke compose lock clean

VIDEO ?=
FROM ?=
TO ?=
SCRIPT ?=
# as environment variables, unexpanded: any file name survives make and the shell
override VIDEO := $(value VIDEO)
override SCRIPT := $(value SCRIPT)
export VIDEO FROM TO SCRIPT

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: programs by apt, Python environments by uv
	@tools/setup.sh

neural: ## install what engines with weights need, too: PyTorch and its like
	@tools/setup.sh neural

demo: setup ## dub the sample videos, or yours: make demo VIDEO=my.mp4 FROM=en TO=es [SCRIPT=my.srt]
ifeq ($(VIDEO),)
	@.venv/bin/airdub demo
else
	@.venv/bin/airdub dub --from "$$FROM" --to "$$TO" $${SCRIPT:+--script "$$SCRIPT"} -- "$$VIDEO"
endif

up: setup ## start Airflow on 127.0.0.1, supervised
	@.venv/bin/airdub up

down: ## stop Airflow and everything it runs
	@if [ -x .venv/bin/airdub ]; then .venv/bin/airdub down; fi

test: neural ## run every test
	@tools/setup.sh servers
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-airflow test-stages test-neural test-console
	.venv/bin/python -m pytest -q tests/integration
	.venv/bin/python -m pytest -q tests/kubernetes

# The quick ones, side by side; each says what it has to say when it is done.
test-airflow:
	.venv/bin/python -m pytest -q tests/unit/airdub tests/unit/operators tests/unit/plugins tests/unit/tools \
	  tests/unit/deploy tests/dags

test-stages:
	.venv-stages/bin/python -m pytest -q tests/unit/model_images tests/unit/media tests/unit/benchmarks \
	  tests/contract

test-neural:
	.venv-neural/bin/python -m pytest -q tests/neural

test-console:
	PATH="$(CURDIR)/.venv-tools/bin:$$PATH" npm test --silent --prefix plugins/console/app

lint: setup ## check format, style, types and import directions
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python tools/generate_docs.py --check

format: setup ## format the sources
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

docs: setup ## write what docs derive from the code
	@.venv/bin/python tools/generate_docs.py
	@.venv/bin/python tools/generate_dag_docs.py

bench: neural ## measure speed and memory of every stage, chunks on Spark, scans, the queue, and Airflow's overhead
	.venv/bin/python -m tests.benchmarks.scan
	.venv/bin/python -m tests.benchmarks.queue
	.venv-stages/bin/python -m tests.benchmarks
	.venv-stages/bin/python -m tests.benchmarks.warm_stage
	.venv-stages/bin/python -m tests.benchmarks.chunks
	.venv-neural/bin/python -m tests.benchmarks.demucs
	.venv-neural/bin/python -m tests.benchmarks.rvc
	.venv-neural/bin/python -m tests.benchmarks.whispers
	.venv-neural/bin/python -m tests.benchmarks.translation
	.venv-neural/bin/python -m tests.benchmarks.wav2lip
	.venv/bin/python -m tests.benchmarks.waiting_reviews
	.venv/bin/python -m tests.benchmarks.pods
	.venv/bin/python -m tests.benchmarks.waiting_pods

images: setup ## build the container images of the stages: make images [STAGE=mix] [ENVIRONMENT=neural]
	@.venv/bin/python tools/images.py $(STAGE) $(if $(ENVIRONMENT),--environment $(ENVIRONMENT))

images-smoke: setup ## dub a sample by containers alone, as locked up as pods are
	@.venv-stages/bin/python -m tests.image_smoke

compose: setup ## start the whole platform in containers, on 127.0.0.1
	@tools/compose.sh build
	@tools/compose.sh up

lock: ## compile requirements/*.in to lock files
	@tools/setup.sh tools
	@for name in tools airflow stages neural; do \
	  .venv-tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    requirements/$$name.in -o requirements/$$name.txt; done
	@.venv-tools/bin/uv pip compile -q --no-deps --universal --python-version 3.11 --generate-hashes \
	  requirements/stages-carriers.in -o requirements/stages-carriers.txt
	@for image in requirements/images/*.in; do \
	  .venv-tools/bin/uv pip compile -q --no-annotate --universal --python-version 3.11 --generate-hashes \
	    $$image -o $${image%.in}.txt; done

clean: down ## remove what the project made: environments, caches, and var with every draft in it
	rm -rf .venv .venv-stages .venv-neural .venv-tools var *.egg-info .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis plugins/console/bundle plugins/console/app/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
