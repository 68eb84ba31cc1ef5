# Thin: each target is a line or two over scripts/, cargo and tests/e2e. Start with `make bootstrap`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
ENVIRONMENT := source scripts/environment

.PHONY: help bootstrap build devnet demo e2e test check simulate pairs fuzz bench weights chain-specs metadata-hash

help: ## show the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

bootstrap: ## make a fresh Debian machine ready
	@scripts/bootstrap

build: ## everything, tests included, in the one profile
	@$(ENVIRONMENT); cargo build --workspace --all-targets --locked

devnet: build ## four validators on this machine, until Ctrl-C
	@$(ENVIRONMENT); node tests/e2e/devnet.mjs

demo: build ## devnet, the main job, clean stop
	@$(ENVIRONMENT); node tests/e2e/run.mjs demo

e2e: build ## every scenario on real nodes; S=<name> for one
	@$(ENVIRONMENT); node tests/e2e/run.mjs $(S)

test: build ## unit, property and simulation tests, the chain specs, and the main job on real nodes
	@$(ENVIRONMENT); cargo test --workspace --locked; scripts/chain-specs --check; scripts/check-roots; npm test --silent --prefix tests/e2e; node tests/e2e/run.mjs demo

# With the fuzzer, which nothing else builds: it needs a C++ compiler, but no nightly toolchain.
check: ## formatting, clippy, walls
	@$(ENVIRONMENT); cargo fmt --all --check; cargo clippy --workspace --all-targets --features conclave-fuzz/libfuzzer --locked -- -D warnings; scripts/check-walls

simulate: ## many workers, virtual clock; SEEDS=20000 for a campaign, A="…" for its arguments
	@$(ENVIRONMENT); cargo run --locked -p conclave-simulation -- $(if $(SEEDS),--seeds $(SEEDS)) $(A)

pairs: ## 100,000 generated pairs of conditions: hashed natively, then by the client in Wasm
	@$(ENVIRONMENT); export CONCLAVE_PAIRS=100000 CONCLAVE_PAIRS_FILE=$$(mktemp)
	cargo test --locked -p conclave-primitives equal_hash -- --nocapture
	node --test tests/e2e/test/client-wasm.test.mjs; rm "$$CONCLAVE_PAIRS_FILE"

fuzz: ## everything decoded from outside, under libFuzzer; SECONDS=<for each target>, T=<target>
	@scripts/fuzz $(or $(SECONDS),60) $(T)

# In the profile of everything else: the crates that are measured are fully optimised in it.
bench: ## criterion benchmarks: protocols, encryption beside the bare libraries, conditions with a local RPC, actions
	@$(ENVIRONMENT); cargo bench --locked --profile dev -p conclave-protocols -p conclave-client -p conclave-egress -p conclave-actions --benches

weights: ## measure the calls of our pallets as Wasm and write runtime/src/weights/ anew; on an idle machine
	@scripts/weights

chain-specs: build ## write chain-specs/ anew
	@$(ENVIRONMENT); scripts/chain-specs

metadata-hash: ## write runtime/metadata-hash anew: after a change of calls, events or types
	@scripts/metadata-hash
