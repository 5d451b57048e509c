#!/bin/sh
# Brings the image up with Compose, asks it for missions, and takes it down.
set -eu
cd "$(dirname "$0")/.."
tag=$(cat "${REPORTS:-target/reports}/image.tag")
SPYMISSION_IMAGE=$tag exec cargo xtask deploy-test --install --only compose
