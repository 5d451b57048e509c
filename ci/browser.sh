#!/bin/sh
# The pages in a real browser. Pictures of every page in every dress are in target/browser afterwards.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask browser --install "$@"
