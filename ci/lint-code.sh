#!/bin/sh
# Format, clippy, documentation, licences.
set -eu
cd "$(dirname "$0")/.."
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
cargo deny check bans licenses sources
