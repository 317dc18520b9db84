# kubani: what there is to make.
#
#   make setup            what the build and the tests need: Debian packages where missing, .venv for the tests
#   make build            kubani in release mode: .build/release/kubani
#   make test             setup, the lab's Kubernetes, four lab nodes, every test; closes with the runner's count
#   make test-unit        the tests that need neither a lab node nor the property tests' time
#   make test-properties  the property tests
#   make fuzz             libFuzzer on whatever reads what others wrote: FUZZ_SECONDS each (60), kept in .build/fuzz
#   make check            lint, then the quick tests (test-unit)
#   make coverage         line coverage of Sources, by file
#   make lint             swift-format and shell syntax; changes nothing
#   make format           formats all Swift sources
#   make golden           records the golden files of the command line anew
#   make docs             docs/CLI_REFERENCE.md and docs/kubani.1 from the program's own help
#   make bench            lab nodes: bare libssh2, parallel ssh and kubani with nothing to change
#   make demo             setup, build, two lab nodes: plan, apply, and apply again
#   make install          into PREFIX (/usr/local)
#   make clean            what was built; `make lab-down` ends the lab nodes
#   make help             this list

SHELL := /bin/bash
PREFIX ?= /usr/local
SWIFT ?= swift
# Further arguments for `swift test`, such as --filter Sysctl.
ARGS ?=
# Swift's own libraries go into the program: it starts in half the time, and runs where no Swift is installed. Apple's
# systems bring them.
STATIC = $(if $(filter Linux,$(shell uname)),--static-swift-stdlib)

SWIFT_FILES = Package.swift Sources Tests
SHELL_FILES = $(wildcard $(addprefix Tests/Lab/,nodes image kubernetes releases cluster.sh k3s-check k3s-check.sh setup \
	demo) \
	Tests/Lab/stand-ins/nvidia-* Tests/Lab/stand-ins/tailscale \
	$(addprefix bench/,run cluster fresh crowd/run peers/prepare first.sh floor.sh) Tests/Fuzz/run .ci/run)
# Swift Testing starts every test at once, which on two cores leaves hundreds half done and their deadlines missed.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8
# The lab's suites take turns through `nodes with` and .serialized.
LAB_NODES ?= 4

.PHONY: help setup build test test-unit test-properties fuzz check coverage lint format golden docs bench demo install clean \
	kubernetes lab lab-down

help:
	@sed -n 's/^#   make /make /p' Makefile

setup:
	@Tests/Lab/setup

build:
	$(SWIFT) build -c release --product kubani $(STATIC)

# Built once into /var/lib/kubani-kubernetes, in about five minutes.
kubernetes:
	@Tests/Lab/kubernetes

lab:
	@Tests/Lab/nodes up $(LAB_NODES)

lab-down:
	@Tests/Lab/nodes down

test: setup kubernetes lab
	Tests/Lab/nodes with $(SWIFT) test $(ARGS)

test-unit:
	$(SWIFT) test --skip LabTests --skip PropertyTests $(ARGS)

test-properties:
	$(SWIFT) test --filter PropertyTests $(ARGS)

FUZZ_SECONDS ?= 60

fuzz: setup
	@Tests/Fuzz/run $(FUZZ_SECONDS)

check: lint test-unit

coverage:
	$(SWIFT) test --enable-code-coverage --skip LabTests $(ARGS)
	@llvm-cov report .build/debug/kubaniPackageTests.xctest -instr-profile .build/debug/codecov/default.profdata \
		-ignore-filename-regex '(\.build|Tests)/' | awk '{ print $$1, $$(NF-3) }' | column -t

lint:
	$(SWIFT) format lint -r --strict --parallel $(SWIFT_FILES)
	@for file in $(SHELL_FILES); do bash -n $$file || exit 1; done

format:
	$(SWIFT) format -r -i --parallel $(SWIFT_FILES)

golden:
	KUBANI_RECORD_GOLDEN=1 $(SWIFT) test --filter 'ReportTests|CommandsTests|InventoryTests|RolesTests' $(ARGS)

# `make check` notices where they are out of date.
docs:
	KUBANI_RECORD_GOLDEN=1 $(SWIFT) test --filter 'CommandReferenceTests/(markdown|manual)'

bench: setup build kubernetes
	@bench/run

demo: setup build kubernetes
	@Tests/Lab/demo

install: build
	install -D -m 0755 .build/release/kubani $(DESTDIR)$(PREFIX)/bin/kubani
	install -D -m 0644 docs/kubani.1 $(DESTDIR)$(PREFIX)/share/man/man1/kubani.1
	@for folder in roles; do \
		mkdir -p $(DESTDIR)$(PREFIX)/share/kubani && cp -R $$folder $(DESTDIR)$(PREFIX)/share/kubani/; done

clean:
	$(SWIFT) package clean
	rm -rf .build/bench
