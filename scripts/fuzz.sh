#!/bin/sh
# Runs one fuzz target: fuzz.sh [TARGET [SECONDS]], TARGET being a file of fuzz/fuzz_targets. What it learns stays in
# fuzz/work; an input that breaks a property goes to fuzz/artifacts. Once mended, move it to fuzz/corpus/TARGET
# under a telling name: the tests replay it for ever.
set -eu
cd "$(dirname "$0")/.."
target=${1:-scan}
seconds=${2:-60}

cargo fuzz --version >/dev/null 2>&1 || { echo "needs cargo-fuzz: cargo install cargo-fuzz" >&2; exit 1; }
cargo +nightly --version >/dev/null 2>&1 || { echo "needs a nightly compiler: rustup toolchain install nightly" >&2; exit 1; }

mkdir -p "fuzz/work/$target"
# No sanitizer: none of this code is unsafe, and without one it is several times as fast.
exec cargo +nightly fuzz run --sanitizer none "$target" "fuzz/work/$target" "fuzz/corpus/$target" -- \
    -dict=fuzz/dictionary.txt -max_len=4096 -timeout=20 -max_total_time="$seconds"
