#!/bin/sh
# Requests a mission over HTTP and prints it: sh ask.sh [http://host:8080]
set -eu
url=${1:-http://localhost:8080}

# With a key the request can be repeated when the response was lost: the mission is the same.
# Without a key each repetition is another mission.
key=$(cat /proc/sys/kernel/random/uuid)
curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused \
    --request POST --header "Idempotency-Key: $key" "$url/missions"
