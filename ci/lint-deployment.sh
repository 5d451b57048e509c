#!/bin/sh
# Dockerfiles, scripts, YAML, Compose, Ansible, the Jenkinsfile. Docker is not needed.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask deploy-test --install --only lint
