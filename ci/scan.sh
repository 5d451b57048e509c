#!/bin/sh
# Looks for known vulnerabilities in the crates that the image is made of (it contains nothing else). A
# scan that cannot fetch the advisories fails, too. ADVISORY_DB names another repository of them.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask scan --install
