# MPP Digital. `make` alone lists what there is. Two commands are enough: make install, make run.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# Stamps say what was installed from which lock file: a second call costs nothing.
BASE := $(VENV)/.stamp-base
DEV := $(VENV)/.stamp-dev
# What the audit of packages said, shown again after the tests.
AUDITED := $(VENV)/.audited
PROJECT := setup.cfg pyproject.toml
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
SOURCES := platform tenants blueprints migrations tests wsgi.py
# Browser tests wait more than they reckon: three at once fill two cores. Whoever is done first takes over from the others.
PYTEST ?= -n 3 --dist worksteal
RUN ?=
SOAK ?= --minutes 10
ATTACK ?= --minutes 15

# First the version the lock files were resolved for. A candidate counts when it really runs (version
# managers leave names behind that don't), is new enough and can make virtual environments.
PYTHONS := python3.11 python3.12 python3.13 python3 /usr/bin/python3
define find-python
found=""; old=""; \
for name in $(PYTHONS); do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	old="$${old:-$$name}"; \
	if "$$name" -c 'import venv, ensurepip' 2>/dev/null; then found="$$name"; break; fi; \
done
endef

.PHONY: help
help: ## Daftar perintah ini
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(BASE) ## Pasang semua yang dibutuhkan untuk menjalankan

.PHONY: run
run: install ## Pasang bila perlu, lalu jalankan semuanya (RUN="--port 9000" untuk pilihan)
	@exec $(BIN)/mpp up $(RUN)

.PHONY: test
test: dev browser ## Semua pemeriksaan dan uji
	PYTHONPATH=platform:. $(BIN)/python -m tests.support.audit | tee $(AUDITED)
	$(MAKE) --no-print-directory lint types
	$(BIN)/python -c "import platform; platform.system()"
	$(BIN)/python -m pytest $(PYTEST)
	@cat $(AUDITED)

.PHONY: audit
audit: dev ## Celah yang diketahui pada paket pihak lain; gagal bila tidak dapat diperiksa
	PYTHONPATH=platform:. $(BIN)/python -m tests.support.audit --sure

.PHONY: lint
lint: dev ## Gaya penulisan, format, dan kontrak impor
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	PYTHONPATH=platform:. $(BIN)/lint-imports

.PHONY: format
format: dev ## Rapikan kode
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

.PHONY: types
types: dev ## Periksa tipe
	$(BIN)/mypy

.PHONY: long
long: dev browser ## Uji yang sama dalam ukuran penuh: 64 utas dan 2.000 nomor, hari-hari yang dijalani
	$(BIN)/python -m pytest -n 2 -m long

.PHONY: bench
bench: dev browser ## Ukur dan cetak angka-angkanya
	@command -v wrk >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get install -y -qq wrk >/dev/null; } || \
		{ echo "Pengukuran memerlukan paket wrk. Minta administrator: apt-get install wrk" >&2; exit 1; }
	PYTHONPATH=platform:. $(BIN)/python -m tests.bench

.PHONY: attack
attack: dev ## Serang setiap isian sebagai setiap peran, 15 menit (ATTACK="--minutes 2 --seed 7")
	PYTHONPATH=platform:. $(BIN)/python -m tests.attack $(ATTACK)

.PHONY: soak
soak: dev ## Beban 10 menit sambil mematikan proses secara acak (SOAK="--minutes 2 --seed 7")
	PYTHONPATH=platform:. $(BIN)/python -m tests.soak $(SOAK)

.PHONY: lock
lock: ## Perbarui berkas kunci dari requirements/*.in (perlu uv)
	@command -v uv >/dev/null || { echo "make lock memerlukan uv: pasang dahulu, lalu ulangi." >&2; exit 1; }
	for name in base dev; do \
		uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
			--python-version 3.11 requirements/$$name.in --output-file requirements/$$name.lock; \
	done

.PHONY: clean
clean: ## Hapus yang terpasang dan hasil sementara; data di .data tetap
	rm -rf $(VENV) build htmlcov test-results .coverage* .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: dev
dev: $(DEV)

# A browser for the tests; as root it comes from Debian, else somebody must be asked. A whole Chromium serves as well.
.PHONY: browser
browser:
	@if ! command -v chromium-headless-shell >/dev/null && \
		{ [ "$$(id -u)" = 0 ] || ! command -v chromium >/dev/null; }; then \
		if [ "$$(id -u)" = 0 ]; then \
			echo "Memasang chromium-headless-shell …"; \
			apt-get update -qq; \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; \
		else \
			echo "Uji memerlukan paket chromium-headless-shell. Minta administrator: apt-get install chromium-headless-shell" >&2; exit 1; \
		fi; \
	fi

# pip is the last thing a new environment gets: an interrupted one is made again.
$(BIN)/pip:
	@$(find-python); \
	if [ -z "$$found" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Memasang python3-venv …"; \
		apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
		$(find-python); \
	fi; \
	if [ -z "$$found" ] && [ -n "$$old" ]; then \
		echo "Paket python3-venv belum ada. Minta administrator: apt-get install python3-venv" >&2; exit 1; \
	elif [ -z "$$found" ]; then \
		echo "Perlu Python 3.11 atau lebih baru beserta python3-venv. Minta administrator memasangnya." >&2; exit 1; \
	fi; \
	echo "Membuat $(VENV) dengan $$("$$found" --version) …"; \
	"$$found" -m venv --clear $(VENV)

$(BASE): requirements/base.lock $(PROJECT) | $(BIN)/pip
	@echo "Memasang paket (requirements/base.lock) …"
	@# The lock names every package: resolving anew would let a release of today break it.
	@$(PIP) install --no-deps --require-hashes -r requirements/base.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.lock $(BASE)
	@echo "Memasang alat uji (requirements/dev.lock) …"
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.lock
	@touch $@
