#!/bin/sh
# Dockerfiles, scripts, Compose, Ansible, the Jenkinsfile.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask deploy-test --install --only lint
