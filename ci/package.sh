#!/bin/sh
# Packs the program of the image for Debian, and installs, updates and removes it on new machines with
# systemd, in containers.
set -eu
cd "$(dirname "$0")/.."
tag=$(cat "${REPORTS:-target/reports}/image.tag")
SPYMISSION_IMAGE=$tag exec cargo xtask deploy-test --only packages
