#!/bin/sh
# Deploys the version before the one that runs.
set -eu
cd "$(dirname "$0")/.."
exec ci/ansible.sh rollback.yml
