#!/bin/sh
# Starts the image with Compose, requests missions from it, and stops it.
set -eu
cd "$(dirname "$0")/.."
tag=$(cat "${REPORTS:-target/reports}/image.tag")
SPYMISSION_IMAGE=$tag exec cargo xtask deploy-test --install --only compose
