#!/bin/sh
# Builds the image, once. The later stages scan, test, push and deploy this one. Its name is in
# target/reports/image.tag. BUILDER and ROOTS choose other base images.
set -eu
cd "$(dirname "$0")/.."
reports=${REPORTS:-target/reports}
mkdir -p "$reports"
revision=$(git rev-parse HEAD)
tag=spymission/spymission:$revision
set --
[ -z "${BUILDER:-}" ] || set -- "$@" --build-arg "BUILDER=$BUILDER"
[ -z "${ROOTS:-}" ] || set -- "$@" --build-arg "ROOTS=$ROOTS"
docker build --file compose/Dockerfile --tag "$tag" --build-arg "REVISION=$revision" "$@" .
container=$(docker create "$tag")
trap 'docker rm "$container" >/dev/null' EXIT
trap 'exit 1' HUP INT TERM
docker cp "$container:/usr/share/sbom/spymission.cdx.json" "$reports/sbom.json"
echo "$tag" >"$reports/image.tag"
