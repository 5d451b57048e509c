#!/bin/sh
# Asks for a mission over HTTP and prints it: sh ask.sh [http://host:8080]
set -eu
url=${1:-http://localhost:8080}

# The key makes it safe to ask again when an answer was lost on its way: the mission is the same.
# Without it each repetition is another mission.
key=$(cat /proc/sys/kernel/random/uuid)
curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused \
    --request POST --header "Idempotency-Key: $key" "$url/missions"
