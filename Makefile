# Each target does its own set-up; `make help` lists them.
PYTHON_VENV := .venv/bin/python

.PHONY: help setup build demo test scale-test slurm-test yarn-test lint sanitize bench compare \
	lessons install-c docs clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## check or install the tools, make .venv
	@scripts/setup.sh

build: setup ## the extension for Python, into .venv
	@scripts/build.sh

demo: build ## hillslope diffusion in four languages, three kernels against SciPy, a picture
	@$(PYTHON_VENV) examples/demo/demo.py

test: ## lint, build, every test, sanitizers; ends with a summary
	@scripts/setup.sh browser mpi abi
	@$(PYTHON_VENV) scripts/test.py

scale-test: ## MPI, Dask, Slurm, Spark, YARN, HDFS, WebDAV and xrootd, started and ended here
	@scripts/setup.sh mpi slurm hadoop storage
	@$(PYTHON_VENV) scripts/test.py build scale mpi slurm hadoop storage

slurm-test: ## the part of it that runs on a private Slurm; needs root
	@scripts/setup.sh mpi slurm
	@$(PYTHON_VENV) scripts/test.py build slurm

yarn-test: ## the part of it that runs on Spark, YARN and HDFS
	@scripts/setup.sh mpi hadoop
	@$(PYTHON_VENV) scripts/test.py build hadoop

lint: setup ## formats, clippy, ruff, warnings of gcc and gfortran
	@$(PYTHON_VENV) scripts/test.py format lint docs

sanitize: setup ## the Rust tests under AddressSanitizer, UBSan and -fcheck=all
	@$(PYTHON_VENV) scripts/test.py sanitize

bench: build ## the figures behind every claim: build/bench.md, build/bench.json
	@$(PYTHON_VENV) scripts/bench.py

compare: build ## six languages, ten binding routes, threads: build/compare.html, build/compare.json
	@scripts/compare.sh
	@.venv/bin/ferrotran compare --quick --json build/compare.json --html build/compare.html

lessons: build ## measure the two lessons and write their pages: docs/parallelise.md, docs/glue.md
	@$(PYTHON_VENV) examples/lessons/parallelise/lesson.py --write
	@$(PYTHON_VENV) examples/lessons/glue/lesson.py --write

install-c: ## libferrotran for C and all that calls C, into PREFIX
	@scripts/setup.sh cargo-c
	@scripts/install_c.sh $(if $(PREFIX),"$(PREFIX)")

docs: setup ## the documentation of the Rust crate: target/doc
	@cargo doc --quiet --workspace --no-deps
	@echo "target/doc/ferrotran/index.html"

clean: ## remove what the other targets made
	@cargo clean --quiet
	@rm -rf build examples/glue/*/build examples/glue/*/*.egg-info .venv \
		python/ferrotran/*.so compare/ferrotran_compare/*.so \
		compare/ferrotran_compare/_chapel_kernels.json examples/chapel/library/lib \
		compare/ferrotran_compare/__pycache__ # what numba compiled
