#!/bin/sh
# Pushes the image that was built and writes its digest to target/reports/image.digest, by which it is
# deployed. SPYMISSION_REGISTRY is host/path; REGISTRY_USER and REGISTRY_PASSWORD log in. SIGNING_KEY, a
# key of minisign without a password, signs the digest: target/reports/image.minisig.
set -eu
cd "$(dirname "$0")/.."
reports=${REPORTS:-target/reports}
tag=$(cat "$reports/image.tag")
there=${SPYMISSION_REGISTRY:?host/path of the registry}/spymission:${tag##*:}
if [ -n "${REGISTRY_USER:-}" ]; then
    DOCKER_CONFIG=$(mktemp -d) # the login ends with this script
    export DOCKER_CONFIG
    trap 'rm -rf "$DOCKER_CONFIG"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '%s' "$REGISTRY_PASSWORD" |
        docker login --username "$REGISTRY_USER" --password-stdin "${SPYMISSION_REGISTRY%%/*}"
fi
docker tag "$tag" "$there"
docker push "$there"
repository=${there%:*}
docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$there" |
    grep "^$repository@sha256:" | head -n 1 >"$reports/image.digest"
[ -s "$reports/image.digest" ] || { echo "the registry gave no digest for $there" >&2 && exit 1; }
if [ -n "${SIGNING_KEY:-}" ]; then
    sed 's/.*@//' "$reports/image.digest" >"$reports/image.signed"
    minisign -S -s "$SIGNING_KEY" -m "$reports/image.signed" -x "$reports/image.minisig"
fi
cat "$reports/image.digest"
