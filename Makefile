# qingyuan: every target works as the first command on a machine that has Python (3.11+), make and git.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
EXTRAS := html,parquet,warc,report
JOBS   ?= 0
DATA   ?=
BENCHES := mojibake dedup clean framed charsets webpages script words scale translate
TORCH  ?= torch==2.13.0

.PHONY: install corpus test test-slow test-translate test-ray verify report lint bench clean
.DEFAULT_GOAL := install

install: $(VENV)/.installed  ## .venv with qingyuan and its extras

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(EXTRAS)]'
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(EXTRAS),dev]'
	touch $@

corpus: $(VENV)/.installed  ## seeds/ to output/
	$(BIN)/qingyuan run seeds -o output -j $(JOBS)

verify: $(VENV)/.installed  ## prove output/ against seeds/
	$(BIN)/qingyuan verify output --sources seeds

report: corpus  ## output/report.html
	$(BIN)/qingyuan report output

test: $(VENV)/.dev  ## the test suite
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(VENV)/.dev  ## what needs a browser, a server or much time; skipped where it cannot run
	$(BIN)/python -m pytest -m slow

.venv-translate/.torch:
	test -x .venv-translate/bin/python || $(PYTHON) -m venv .venv-translate
	.venv-translate/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	touch $@

.venv-translate/.installed: pyproject.toml .venv-translate/.torch
	.venv-translate/bin/python -m pip install --quiet --disable-pip-version-check -e '.[parquet,translate,translate-dev,dev]'
	touch $@

test-translate: .venv-translate/.installed  ## translation with real models and a real server (torch, about 1 GB, in .venv-translate)
	.venv-translate/bin/python -m pytest tests/translation tests/stages/test_translate.py

.venv-ray/.installed: pyproject.toml
	test -x .venv-ray/bin/python || $(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --quiet --disable-pip-version-check -e '.[parquet,ray,dev]'
	touch $@

test-ray: .venv-ray/.installed  ## --engine ray on a real Ray cluster of this machine (Ray, about 1 GB, in .venv-ray)
	.venv-ray/bin/python -m pytest tests/test_ray.py

lint: $(VENV)/.dev
	$(BIN)/ruff check --no-cache pipeline tests benchmarks
	$(BIN)/mypy

bench: $(VENV)/.dev  ## benchmarks on text made from seeds/, or: make bench DATA=folder
	@for b in $(BENCHES); do echo "== $$b"; $(BIN)/python benchmarks/$$b.py $(DATA) || exit 1; done

bench-%: $(VENV)/.dev
	$(BIN)/python benchmarks/$*.py $(DATA)

clean:  ## everything that make made, but .venv
	rm -rf output/corpus.jsonl* output/manifest.jsonl* output/run.json output/report.html output/.store
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build dist
	find pipeline tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
