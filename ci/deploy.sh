#!/bin/sh
# Deploys the image that was pushed, by its digest: machines, swarm, application. If the new version
# does not answer, it returns to the old one. IMAGE names another image to deploy. A signature that
# `ci/push.sh` has made goes with it.
set -eu
cd "$(dirname "$0")/.."
reports=${REPORTS:-$PWD/target/reports}
digest=${IMAGE:-$(cat "$reports/image.digest")}
signature=$reports/image.minisig
[ ! -s "$signature" ] || set -- --extra-vars "application_signature=$signature" "$@"
exec ci/ansible.sh site.yml --extra-vars "application_image=$digest application_deployment=${BUILD_TAG:-}" "$@"
