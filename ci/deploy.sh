#!/bin/sh
# Deploys the image that was pushed, by its digest: machines, swarm, application. If the new version
# does not answer, it returns to the old one. IMAGE names another image to deploy.
set -eu
cd "$(dirname "$0")/.."
digest=${IMAGE:-$(cat "${REPORTS:-target/reports}/image.digest")}
exec ci/ansible.sh site.yml --extra-vars "application_image=$digest application_deployment=${BUILD_TAG:-}"
