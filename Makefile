# Everything a newcomer needs: `make demo` shows the tool at work, `make test` proves it.

SWIFT ?= swift
# One configuration for all: optimised, because the unit tests then run ten times as fast; `@testable import` wants the flag.
export CONFIGURATION := --configuration release -Xswiftc -enable-testing
BUILD := $(SWIFT) build $(CONFIGURATION)
TOOL := .build/release/codex-session-sync
SOURCES := Sources Examples Tests Fuzz Benchmarks Package.swift
PREFIX ?= /usr/local
CODEX_HOME ?= $(HOME)/.codex
CRASH_SHIM := .build/crash-points.so
# Only Linux has what interrupts deliveries; elsewhere the worlds are without accidents.
ifeq ($(shell uname -s),Linux)
ACCIDENTS := $(CRASH_SHIM)
SIMULATE := CODEX_SESSION_SYNC=$(CURDIR)/$(TOOL) CRASH_POINTS=$(CURDIR)/$(CRASH_SHIM) .build/release/simulate
else
SIMULATE := CODEX_SESSION_SYNC= .build/release/simulate
endif
export SEEDS SEED FROM FAILURES WORKERS SHRINK SCRATCH ONLY PASSES STRIDE POINT
export CODEX_SESSION_SYNC ?= $(CURDIR)/$(TOOL)

.DEFAULT_GOAL := help
.PHONY: help demo test unit acceptance simulate crash prove fuzz bench check contracts format build install uninstall install-skill uninstall-skill home-there clean bootstrap tests-built simulation-built

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

demo: bootstrap ## Build, then watch two machines exchange a conversation
	$(BUILD) --product codex-session-sync
	Scripts/demo $(TOOL)

test: tests-built simulation-built ## Unit tests, random worlds, and the journey with the real Codex, side by side
	Scripts/side-by-side \
	  "unit tests" "$(SWIFT) test $(CONFIGURATION) --skip-build" \
	  "random worlds" "SEEDS=400 $(SIMULATE)" \
	  "acceptance" "python3 Tests/Acceptance/run.py -j 2"

unit: tests-built ## Unit tests only
	$(SWIFT) test $(CONFIGURATION) --skip-build

acceptance: tests-built $(ACCIDENTS) ## The journey with the real Codex only; K=PATTERN selects
	python3 Tests/Acceptance/run.py -j 2 $(if $(K),-k $(K))

simulate: simulation-built ## Random worlds of machines and deliveries; SEEDS=20000, FAILURES=1 to stop at, or SEED=N with every step told
	$(SIMULATE)

crash: bootstrap $(CRASH_SHIM) ## Kill the program at every point, let every call fail; STRIDE=10 for some, ONLY=NAME, POINT=N, PASSES=crash,nested,power,faults
	$(BUILD) --product codex-session-sync
	$(BUILD) --product crash-matrix
	CODEX_SESSION_SYNC=$(CURDIR)/$(TOOL) CRASH_POINTS=$(CURDIR)/$(CRASH_SHIM) \
	  DOCUMENT=$(if $(ONLY)$(PASSES)$(STRIDE)$(POINT),,docs/crash-safety.md) .build/release/crash-matrix

$(CRASH_SHIM): $(wildcard Tests/CrashPoints/*)
	@mkdir -p .build
	$(or $(shell command -v clang),cc) -std=c11 -Wall -Wextra -Werror -O1 -shared -fPIC -o $@ $(filter %.c,$^) -lpthread

prove: bootstrap ## A million records against a second parser, ten million doubles against Python; SEED=N repeats
	$(BUILD) --product prove
	.build/release/prove records 1000000 $(SEED)
	.build/release/prove numbers 10000000 $(SEED) | python3 Tests/Proofs/compare_numbers.py 10000000

fuzz: ## Made-up input for the scanner and the reading of lines, for SECONDS=60
	Scripts/fuzz $(or $(SECONDS),60)

bench: bootstrap ## Speed, memory and growth against their bars; SIZE=full for the table of docs/performance.md, ROWS=… for some
	$(BUILD) --product codex-session-sync
	$(BUILD) --product rollout-digest
	python3 Benchmarks/run.py --size $(or $(SIZE),quick) $(if $(ROWS),--only $(ROWS)) --json .build/benchmark.json \
	  --tool .build/release/codex-session-sync --digester .build/release/rollout-digest

check: tests-built ## Format, lint, file sizes, layers, documents against the program; warnings are errors in every build
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	Scripts/check-house
	$(SWIFT) test $(CONFIGURATION) --skip-build --filter ContractTests
	python3 Tests/Documents/references.py
	python3 Tests/Documents/tour.py $(TOOL)
	python3 Tests/Documents/examples.py $(TOOL)
	python3 Tests/Documents/paths.py $(TOOL)
	python3 Tests/Documents/commands.py $(TOOL)
	Scripts/documentation

contracts: tests-built ## Make the documents anew that say what the program is
	UPDATE_CONTRACTS=1 $(SWIFT) test $(CONFIGURATION) --skip-build --filter ContractTests
	python3 Tests/Documents/tour.py $(TOOL) --update
	python3 Tests/Documents/examples.py $(TOOL) --update

format: ## Format the sources in place
	$(SWIFT) format --in-place --recursive $(SOURCES)

build: bootstrap ## A release binary that needs no Swift on the machine it runs on
	$(BUILD) --static-swift-stdlib --product codex-session-sync
	strip .build/release/codex-session-sync

install: build ## The program, its manual page and its completions below PREFIX=/usr/local
	Scripts/manual $(TOOL) .build/manual/codex-session-sync.1
	Scripts/install program "$(PREFIX)"

uninstall: ## Take away what `make install` put below PREFIX
	Scripts/install remove-program "$(PREFIX)"

install-skill: home-there build ## The skill, with the program in it, into CODEX_HOME (~/.codex)
	Scripts/install skill "$(CODEX_HOME)"

home-there:
	@Scripts/install check-home "$(CODEX_HOME)"

uninstall-skill: ## Take the skill away from CODEX_HOME
	Scripts/install remove-skill "$(CODEX_HOME)"

simulation-built: bootstrap $(ACCIDENTS)
	$(BUILD) --product simulate
	$(if $(ACCIDENTS),$(BUILD) --product codex-session-sync)

clean: ## Remove what was built
	$(SWIFT) package clean

bootstrap:
	@Scripts/bootstrap

tests-built:
	@Scripts/bootstrap --tests
	$(BUILD) --build-tests
