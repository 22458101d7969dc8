# The commands of this project. `make` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# Queries are checked against .sqlx, whatever DATABASE_URL says.
export SQLX_OFFLINE := true

ARGS ?=

.PHONY: help run test check bench bench-lists bench-service bench-store fuzz mutations stress faults s3 docs sqlx

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: needs-rust ## Build and serve on http://127.0.0.1:8080 with data in ./data (more flags: ARGS="…")
	@test -n "$$DATABASE_URL" || scripts/need-postgres.sh
	cargo run --release --locked -- serve --data-dir ./data $(ARGS)

test: needs ## Run every test
	cargo test --locked
	cargo check --locked --no-default-features --lib

check: needs ## All that a change must pass: format, lints, tests, the engine on its own
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --no-default-features --lib --examples -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --lib
	cargo test --locked
	cargo test --locked --no-default-features --lib

bench: needs-rust ## Measure the engine in MB/s (ARGS=DIR: over texts of your own; ARGS=probes: hostile ones)
	cargo bench --locked --no-default-features --bench engine -- $(ARGS)

bench-lists: needs-rust ## Measure lists: load, memory, look-ups (ARGS=DIR: over MISP warninglists below DIR; else over made-up ones)
	cargo bench --locked --no-default-features --bench lists -- $(ARGS)

bench-service: needs ## Measure the whole service, from the request to the result, in documents a second
	cargo bench --locked --bench service

bench-store: needs ## Measure the store over made-up data beside bare SQL (ARGS="SIZE DIR PART", default 1,000,000 indicators; 10000000 takes 15 GB)
	cargo bench --locked --bench store -- $(ARGS)

stress: needs ## Follow the change feed under 16 writers that make 100,000 changes
	IOCSIFT_STRESS=100000 cargo test --locked --release --test it store::feed

faults: needs ## Bring about every fault of docs/faults.md at full size, and hold what they cost against its limits; takes minutes
	IOCSIFT_FAULTS=full cargo test --locked --test it faults
	cargo bench --locked --bench faults -- $(ARGS)

fuzz: needs-rust ## Search for inputs that break the engine (ARGS="TARGET SECONDS", default "scan 60")
	scripts/fuzz.sh $(ARGS)

mutations: needs-rust ## Read damaged copies of documents (ARGS="DIR COUNT": COUNT of each file below DIR) and tell how they ended
	cargo test --locked --test mutations -- $(ARGS)

s3: needs ## Keep originals and texts in a bucket: installs a server that speaks S3 below target/ and runs the tests of blobs against it
	scripts/s3.sh

docs: needs ## Write anew what the documents take from the code
	BLESS=1 cargo test --locked --test it docs

sqlx: needs ## Renew .sqlx after a change of a query or a migration
	scripts/prepare-sqlx.sh

.PHONY: needs needs-rust
needs: needs-rust
	@scripts/need-postgres.sh

needs-rust:
	@command -v cargo >/dev/null || { echo "needs Rust 1.95 or newer: https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "needs a C compiler: apt-get install build-essential" >&2; exit 1; }
