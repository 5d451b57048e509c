#!/bin/sh
# Looks for known vulnerabilities in the crates that the image is made of (it holds nothing else). A scan without its data did not
# happen: it fails too.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-audit >/dev/null || cargo install --locked cargo-audit
database=${ADVISORY_DB:-https://github.com/rustsec/advisory-db}
copy=target/advisory-db
rm -rf "$copy"
# Fetched apart, so that "could not be fetched" and "nothing was found" are never mixed up.
if ! timeout 120 git clone --quiet --depth 1 "$database" "$copy" ||
    [ -z "$(find "$copy/crates" -name 'RUSTSEC-*.md' 2>/dev/null | head -n 1)" ]; then
    echo "NOT SCANNED: the advisories could not be fetched from $database" >&2
    exit 1
fi
cargo audit --db "$copy" --no-fetch --deny warnings
