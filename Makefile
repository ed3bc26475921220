# docbuild's chores. `make demo` and `make test` need nothing but Rust; the rest is below.
#
# Caches stay outside of the checkout, where a second clone finds them: Cargo's in CARGO_TARGET_DIR
# (default below, respected if it is set), Go's where Go keeps its own.

SHELL = /bin/sh

cache_home := $(or $(XDG_CACHE_HOME),$(if $(HOME),$(HOME)/.cache,$(CURDIR)/target))
export CARGO_TARGET_DIR ?= $(cache_home)/docbuild/target
# Where rustup, Go's archive and the system's administration programs are when a login shell did not run.
export PATH := $(PATH)$(if $(HOME),:$(HOME)/.cargo/bin):/usr/local/go/bin:/usr/local/sbin:/usr/sbin:/sbin

.DEFAULT_GOAL := help
.PHONY: help demo test check bench record update-snapshots install-deps

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

demo: ## Build docbuild and its manual, run the manual's commands on a real Kubernetes, show the verdicts.
	@./tools/cargo-check
	@./tools/demo

test: ## Install what the tests need if it is missing, and run all of them.
	@./tools/cargo-check
	@./tools/install-deps build cluster browser schemas
	@./tools/run-tests

check: ## Format, lints and rustdoc, warnings denied.
	@./tools/cargo-check
	@./tools/install-deps build
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

bench: ## Measure (docs/dev/benchmarks.md says what and how).
	@./tools/cargo-check
	@./tools/install-deps build
	cargo bench --locked

record: ## Run the manual on the local Kubernetes and record it anew for replays (recordings/manual.json).
	@./tools/cargo-check
	@./tools/record

update-snapshots: ## Run the tests and accept what came out as the new snapshots; review with git diff.
	@./tools/cargo-check
	INSTA_UPDATE=always INSTA_FORCE_PASS=1 SNAPSHOTS=overwrite cargo test --locked

install-deps: ## Install the programs that tests and cluster use (as root on Debian and Ubuntu; else list them).
	@./tools/install-deps build cluster browser schemas
