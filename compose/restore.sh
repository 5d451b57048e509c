#!/bin/sh
# Restores the missions of a backup into an empty database and starts everything: restore.sh FILE
#
# It refuses a database that contains missions, other than the one that each start asks for. With
# --replace as first argument they are put aside, after you have typed how many.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
replace=
if [ "${1:-}" = --replace ]; then
    replace=yes
    shift
fi
file=${1:?name the file of the backup}
compose() { docker compose --project-directory "$here" --file "$here/compose.yaml" "$@"; }
inside() { compose exec -T mysql sh /etc/spymission/restore.sh "$@"; }

gzip --test "$file"
gzip --decompress --stdout "$file" | tail -n 1 | grep -q '^-- Dump completed' || {
    echo "$file is not complete" >&2
    exit 1
}
compose up --detach --wait mysql
standing=$(inside standing </dev/null)
if [ "$standing" != 0 ] && [ -z "$replace" ]; then
    echo "$standing missions stand: write restore.sh --replace $file to put them aside" >&2
    exit 1
elif [ "$standing" != 0 ]; then
    echo "To put them aside, type: replace $standing missions" >&2
    read -r typed || typed=
    [ "$typed" = "replace $standing missions" ] || { echo "nothing was restored" >&2 && exit 1; }
fi
# Nothing may request or write missions meanwhile. All is started again, also if nothing is restored.
start() { compose up --detach --wait; }
trap start EXIT
trap 'exit 1' HUP INT TERM
compose stop nginx gateway persister
[ -z "$replace" ] || standing=$(inside standing </dev/null) # what was stored until they stopped
gzip --decompress --stdout "$file" | inside swap "$standing"
trap - EXIT
start
