#!/bin/sh
# Starts the image with Compose and the public images of the servers, requests missions from it, and
# stops it. It needs Docker, and no other rights. Where no registry can be reached it says so, and takes
# images made of Debian's packages instead; then it needs debootstrap and root.
set -eu
cd "$(dirname "$0")/.."
tag=$(cat "${REPORTS:-target/reports}/image.tag")
SPYMISSION_IMAGE=$tag exec cargo xtask deploy-test --only compose
