#!/bin/sh
# Deploys what was pushed, by its digest: machines, swarm, application. A version that does not
# answer is taken back. IMAGE deploys another one.
set -eu
cd "$(dirname "$0")/.."
digest=${IMAGE:-$(cat "${REPORTS:-target/reports}/image.digest")}
exec ci/ansible.sh site.yml --extra-vars "application_image=$digest"
