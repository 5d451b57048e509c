#!/bin/sh
# Deploys the image that was pushed, by its digest: machines, swarm, application. If the new version
# does not answer, it returns to the old one. IMAGE names another image to deploy. A signature that
# `ci/push.sh` has made goes with it.
set -eu
cd "$(dirname "$0")/.."
reports=$(realpath --canonicalize-missing "${REPORTS:-target/reports}") # Ansible runs in another folder
digest=${IMAGE:-$(cat "$reports/image.digest")}
signature=$reports/image.minisig
[ ! -s "$signature" ] || set -- --extra-vars "application_signature='$signature'" "$@"
exec ci/ansible.sh site.yml --extra-vars "application_image=$digest application_deployment='${BUILD_TAG:-}'" "$@"
