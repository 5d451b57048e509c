#!/bin/sh
# Every test, with JUnit results and coverage in target/reports; at least 95 % of lines. For a part
# of it: AT_LEAST=0 ci/test.sh -p schemas
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask coverage --install --at-least "${AT_LEAST:-95}" "$@"
