#!/bin/sh
# Format, clippy, documentation, licences, Dockerfiles, scripts, YAML, the documents of both protocols.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask test --install --no-tests
