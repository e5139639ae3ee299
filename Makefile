# The two commands: `make` trains on the embedded data, `make test` runs every check. Each installs what it needs first.
PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=

RUN := $(VENV)/bin/python
INSTALL := $(PYTHON) environment/install.py
REQUIREMENTS := environment/install.py $(wildcard environment/*.txt) setup.py

# What needs neither mmcv's ops nor a training: the core, statistics, files.
QUICK := tests/core tests/analysis tests/design_spaces tests/population tests/cli tests/test_hygiene.py

.PHONY: digits install ops test quick lint types acceptance study study-page gallery docs dist

digits: $(VENV)/base.done
	$(RUN) tools/train.py configs/regnetx_6.5mf_digits.py
	@echo 'Next: . $(VENV)/bin/activate, then the tools of the README.'

install: $(VENV)/base.done

ops: $(VENV)/ops.done

test: $(VENV)/test.done
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder  # a file shares trainings
	@$(MAKE) --no-print-directory lint types

quick: $(VENV)/test.done
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2 --dist loadfile $(QUICK)

# Only what git tracks: a clone may hold files of its user's. In an unpacked archive nothing tells the two apart.
lint: $(VENV)/test.done
	@if [ -e .git ] && command -v git > /dev/null; then \
	    files=$$(git -c safe.directory='*' ls-files '*.py') && \
	    $(RUN) -m ruff check --force-exclude $$files && \
	    $(RUN) -m ruff format --check --force-exclude $$files; \
	else echo 'note: lint is left out, for without git nothing says which files are the project'\''s'; fi

# The package's types, and which room may import which: pyproject.toml holds both rules.
types: $(VENV)/test.done
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

acceptance: $(VENV)/test.done
	$(RUN) -m pytest --acceptance
	$(RUN) -m pytest -m hypothesis --hypothesis-profile default

# The study again from the seeds, in 50 minutes on two cores, into work_dirs/study/results; docs/study stays as it is. And the
# page of docs/study alone, from the stored results.
study: $(VENV)/base.done
	$(RUN) tools/run_study.py configs/study/study.py
	$(RUN) tools/report_study.py --results work_dirs/study/results

study-page: $(VENV)/base.done
	$(RUN) tools/report_study.py

# All pages and figures of the package on one page, work_dirs/gallery/index.html: what a change of style does is seen at a glance.
gallery: $(VENV)/base.done
	$(RUN) docs/make_gallery.py

# The site of the documentation, work_dirs/docs/index.html; without a connection, and without warnings.
docs: $(VENV)/docs.done
	$(RUN) -m sphinx --fail-on-warning --quiet docs work_dirs/docs
	@echo 'made work_dirs/docs/index.html'

# The wheel and the archive of the sources, into dist/: what a release is made of (CONTRIBUTING.md).
dist: $(VENV)/base.done
	rm -rf build  # what an older build left there would be in the wheel
	$(RUN) -c "from setuptools import build_meta; build_meta.build_sdist('dist'); build_meta.build_wheel('dist')"

$(VENV)/base.done: $(REQUIREMENTS)
	$(INSTALL) base $(VENV) $(if $(TORCH_INDEX),--torch-index $(TORCH_INDEX))
	touch $@

$(VENV)/ops.done: $(VENV)/base.done
	$(INSTALL) ops $(VENV)
	touch $@

$(VENV)/test.done: $(VENV)/ops.done
	$(INSTALL) test $(VENV)
	touch $@

$(VENV)/docs.done: $(VENV)/base.done
	$(INSTALL) docs $(VENV)
	touch $@
