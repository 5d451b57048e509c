#!/bin/sh
# Deploys the version before the present one. In a pipeline (BUILD_TAG) only where this build has
# changed the version: a failed smoke test after a build that changed nothing takes nothing back.
set -eu
cd "$(dirname "$0")/.."
exec ci/ansible.sh rollback.yml --extra-vars "rollback_deployment='${BUILD_TAG:-}'"
