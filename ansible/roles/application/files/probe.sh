#!/bin/sh
# Asks one machine for a mission by the name of the site, over TLS: probe SITE ADDRESS [PORT]
# The certificate has to be for that name, of our own authority or of a public one. The key is
# always the same, so all probes together make one mission. 202 is not enough: nobody has made it yet.
set -eu
site=$1 address=$2 port=${3:-443}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
authorities=$(mktemp)
trap 'rm -f "$authorities"' EXIT
cat "$here/secrets/ca.pem" /etc/ssl/certs/ca-certificates.crt >"$authorities"
said=$(curl --silent --show-error --fail-with-body --max-time 30 --cacert "$authorities" \
    --resolve "$site:$port:$address" --request POST --header 'Idempotency-Key: spymission-probe' \
    --write-out '\n%{http_code}' "https://$site:$port/missions") || { code=$? && echo "$said" && exit "$code"; }
echo "$said"
case $said in *202) echo "it waits for its mission" >&2 && exit 1 ;; esac
