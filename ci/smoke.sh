#!/bin/sh
# Requests a mission from the deployed system, from outside, and reads it back. SPYMISSION_URL is its
# address. CA is the certificate of our own authority, trusted beside the public ones: it does no harm
# where the site has a public certificate. CONNECT_TO is another host:port to connect to, such as one of
# the machines.
set -eu
url=${SPYMISSION_URL:?address of the system, https://…}
set -- --silent --show-error --fail --max-time 30 --retry 5 --retry-all-errors
if [ -n "${CA:-}" ]; then
    authorities=$(mktemp)
    trap 'rm -f "$authorities"' EXIT
    trap 'exit 1' HUP INT TERM
    cat "$CA" /etc/ssl/certs/ca-certificates.crt >"$authorities"
    set -- "$@" --cacert "$authorities"
fi
[ -z "${CONNECT_TO:-}" ] || set -- "$@" --connect-to "::$CONNECT_TO"
key="smoke-$(date +%s)-$$" # so that a repeated request gives the same mission
for _ in 1 2 3 4 5; do # 202 has no mission yet
    mission=$(curl "$@" --request POST --header "Idempotency-Key: $key" "$url/missions")
    id=$(printf '%s' "$mission" | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p')
    [ -z "$id" ] || break
done
[ -n "$id" ] || { echo "no mission in $mission" >&2 && exit 1; }
stored=$(curl "$@" "$url/missions/$id")
[ "$stored" = "$mission" ] || { echo "asked: $mission, stored: $stored" >&2 && exit 1; }
echo "$mission"
