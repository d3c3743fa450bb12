# make, make demo, make test, make bench: each does all of its own set-up (scripts/setup), is idempotent,
# and does nothing the second time unless a file it depends on has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
# Three publishes share obj directories and two cores: one at a time.
.NOTPARALLEL:

PREFIX  ?= /usr/local
DESTDIR ?=

MACHINE := $(shell uname -m)
RID     := $(if $(filter aarch64 arm64,$(MACHINE)),linux-arm64,linux-x64)
STAMPS  := artifacts/stamps

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
# The build does not depend on whether the registry tells of vulnerabilities today: packages are pinned.
export NuGetAudit := false

EXECUTABLES := out/sampan out/sampand out/sampan-runtime

# Everything the compiler reads. Adding or removing a file touches its directory, so directories count too.
BUILD_FILES := Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig global.json
SOURCES     := $(shell find src \( -name bin -o -name obj \) -prune -o \( -type f -o -type d \) -print) $(BUILD_FILES)

.PHONY: build test test-apps test-guest conformance conformance-registry registry-image registry-peers demo bench bench-images bench-network bench-compose bench-build bench-peers soak compat compat-dockerd images install uninstall lint format ci clean help

build: $(EXECUTABLES) ## The three executables, in out/

out/%: $(SOURCES) | $(STAMPS)/setup-build
	@scripts/publish $* $(RID)

$(STAMPS)/setup-%: scripts/setup
	@scripts/setup $*
	@mkdir -p $(STAMPS) && touch $@

test: ## All tests, ending in "N passed, N failed"
	@scripts/test

conformance: $(STAMPS)/setup-test ## The suite for OCI runtimes, on RUNTIME=path (ours without it)
	$(if $(RUNTIME),,@$(MAKE) --no-print-directory build)
	@dotnet build tests/Sampan.Conformance -c Debug -v q -nologo
	@RUNTIME="$(RUNTIME)" artifacts/bin/Sampan.Conformance/debug/Sampan.Conformance -noColor -noLogo

conformance-registry: $(STAMPS)/setup-test ## The suite for registries, on REGISTRY=docker-registry or an address (ours without it)
	$(if $(REGISTRY),,@$(MAKE) --no-print-directory build)
	@dotnet build tests/Sampan.Conformance -c Debug -v q -nologo
	@REGISTRY="$(REGISTRY)" artifacts/bin/Sampan.Conformance/debug/Sampan.Conformance -noColor -noLogo -namespace Sampan.Conformance.Registry

test-apps: build $(STAMPS)/setup-test $(STAMPS)/setup-apps ## Real applications, built, run and used: examples/ with a browser and wrk, node in its development loop, MariaDB of the textbook (minutes, fetches packages)
	@scripts/images busybox debian node mariadb
	@dotnet build tests/Sampan.EndToEnd -c Debug -v q -nologo
	@SAMPAN_TEST_APPS=1 artifacts/bin/Sampan.EndToEnd/debug/Sampan.EndToEnd -noColor -noLogo -class '*.DevelopmentLoopTests' -class '*.TodoAppTests' -class 'Sampan.EndToEnd.Apps.*'

test-guest: ## All kernel tests in a virtual machine: kernel 6.1, cgroup v2 (make test runs most of them there)
	@scripts/test guest-long

images: $(STAMPS)/setup-test ## The images that tests use, in artifacts/images/
	@scripts/images busybox debian nginx

registry-image: build ## The registry as an image, in artifacts/images/sampan-registry.tar
	@scripts/images sampan-registry

registry-peers: build $(STAMPS)/setup-registry-peers ## Our registry with docker, skopeo and podman, and theirs with ours: the same digests
	@scripts/registry-peers

demo: build $(STAMPS)/setup-demo ## A tour on a throw-away engine
	@scripts/demo

bench: build $(STAMPS)/setup-demo ## Start latency and memory, beside the peers that are installed
	@bench/run

compat: build $(STAMPS)/setup-peers $(STAMPS)/setup-clients ## Real clients on sampand, then Debian's podman and dockerd on sampan-runtime, step by step
	@scripts/compat-clients
	@scripts/compat

compat-dockerd: build $(STAMPS)/setup-peers $(STAMPS)/setup-clients ## The same requests and commands to Debian's dockerd and to sampand: what differs and is not in the list of what is meant to, fails (minutes)
	@scripts/compare-dockerd

soak: build $(STAMPS)/setup-demo ## An hour's churn as fast as it goes: memory, descriptors and latency over time, drawn into docs/soak.svg
	@bench/soak $(LIVES)

bench-images: build ## Images in and out, beside the peers that are installed: load, save, import, push, pull, memory
	@bench/images

bench-network: build $(STAMPS)/setup-demo ## Networks, beside dockerd: creating, streams, names, 200 networks and 500 endpoints
	@bench/network

bench-compose: build $(STAMPS)/setup-demo ## Compose, beside Debian's docker-compose on dockerd: up, down, ps, config, up against the number of services
	@bench/compose

bench-build: build $(STAMPS)/setup-demo ## Builds, beside dockerd, podman and buildah: five steps, 50,000 files, 1 GB, stages side by side
	@bench/build

bench-peers: ## Installs runc, crun, podman, buildah, skopeo, dockerd and docker-registry from Debian, to compare with
	@scripts/setup peers

install: build ## Binaries, systemd unit and shell completions under PREFIX (and DESTDIR)
	@scripts/install install "$(DESTDIR)" "$(PREFIX)"

uninstall: ## Removes what install put there
	@scripts/install uninstall "$(DESTDIR)" "$(PREFIX)"

lint: $(STAMPS)/setup-lint ## Formatting and analyzers, of scripts too; changes nothing
	dotnet format Sampan.slnx --verify-no-changes
	git ls-files | xargs awk 'FNR == 1 { if (/^#!.*sh$$/) print FILENAME; nextfile }' | xargs shellcheck

format: $(STAMPS)/setup-build ## Mends formatting
	dotnet format Sampan.slnx

ci: lint test ## What has to hold before a change lands

clean: ## Removes out/ and artifacts/
	rm -rf out artifacts

help: ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
