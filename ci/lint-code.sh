#!/bin/sh
# Format, clippy, documentation, licences, Dockerfiles, scripts, YAML, the documents of both doors.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask test --install --no-tests
