#!/bin/sh
# Deploys the version before the present one.
set -eu
cd "$(dirname "$0")/.."
exec ci/ansible.sh rollback.yml
