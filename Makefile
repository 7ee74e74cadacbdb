# make lab        open JupyterLab on the first lesson
# make test       run all tests and compare every notebook with its stored outputs
# make quick      style, the examples in docstrings and the quick tests, in under two minutes
# make stress     what takes too long for make test: kills at random moments, drawn arguments, all of torch
# make advice     sizes of files, of the package and of lessons beside what is advised; never fails
# make bench      what the package costs, beside what people would use instead, as ratios
# make study      score the frozen choices of lesson 12 anew, and write its tables
# make site       build the website in build/site and look at it in a browser
# make notebooks  execute every notebook in place and store its outputs
#
# make copies         the lessons for a class, without solutions, in build/copies
# make dist           the wheel and the sdist in dist
# make publish REPO=https://github.com/OWNER/NAME   badges and set-up cells for this address
# make test-browser   lesson 01 in JupyterLab in Chromium; a part of make test
# make test-colab     every notebook with Google Colab's versions       (several GB)
# make test-floors    ... with the lowest versions that are supported   (several GB)
# make test-newest    ... with the newest versions                      (several GB)
# make bench-peers    beside darts and neuralforecast: training, and errors (several GB)
#
# Each sets up what it needs by itself; all they need is Python 3.11 or newer, with venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: lab test quick stress advice bench bench-peers study site notebooks copies dist publish test-browser \
  test-colab test-floors test-newest
.DEFAULT_GOAL := lab

lab: .venv/ready
	@echo "Opening JupyterLab on the first lesson; stop it with Ctrl+C."
	@$(BIN)/python -m jupyter lab --LabApp.default_url=/lab/tree/notebooks/01_univariate.ipynb $(LAB_FLAGS)

test: .venv/ready
	@$(BIN)/python tools/run_tests.py

quick: .venv/ready
	@$(BIN)/python tools/run_tests.py --quick

stress: .venv/ready
	@$(BIN)/python tools/run_tests.py --stress

advice: .venv/ready
	@$(BIN)/python tools/advice.py

bench: .venv/ready
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python tools/run_times.py

bench-peers:
	@$(PYTHON) benchmarks/peers/environment.py
	@$(PYTHON) tools/run_times.py

study: .venv/ready
	@$(BIN)/python tools/study/run.py
	@$(BIN)/python tools/study/departures.py score
	@$(BIN)/python tools/study/report.py

site: .venv/site-ready
	@$(BIN)/python tools/run_tests.py --site

notebooks: .venv/ready
	@$(BIN)/python tools/store_notebooks.py

copies: .venv/ready
	@$(BIN)/python tools/hand_out.py

dist: .venv/ready
	@$(BIN)/python -c 'from flit_core.buildapi import *; build_sdist("dist"); build_wheel("dist")'

publish: .venv/ready
	@$(BIN)/python tools/publish.py $(REPO)

test-browser: .venv/ready
	@$(BIN)/python -m pytest -q -rs tests/browser

test-colab test-floors test-newest:
	@$(PYTHON) tools/other_versions.py $(@:test-%=%)

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	    "Name another one: make lab PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv: downloading PyTorch, JupyterLab and others. This takes some minutes, once."
	@$(PYTHON) -m venv --clear .venv || \
	  { echo "Python's venv module is needed; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[notebooks,dev]'
	@touch .venv/ready
	@echo "Set up."

.venv/site-ready: .venv/ready
	@echo "Adding Sphinx and its theme to .venv, once."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[notebooks,dev,site]'
	@touch .venv/site-ready
