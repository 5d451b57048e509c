#!/bin/sh
# Restores the missions of a backup into an empty database and starts everything: restore.sh FILE
#
# It refuses a database that contains missions. With --replace as first argument it drops them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
replace=
if [ "${1:-}" = --replace ]; then
    replace=yes
    shift
fi
file=${1:?name the file of the backup}
compose() { docker compose --project-directory "$here" --file "$here/compose.yaml" "$@"; }
mysql() { compose exec -T mysql sh /etc/spymission/client.sh mysql "$@"; }

gzip --test "$file"
# Nothing may request or write missions meanwhile.
compose stop nginx gateway persister
compose up --detach --wait mysql
rows=$(mysql --batch --skip-column-names --execute="SELECT count(*) FROM information_schema.tables
    WHERE table_schema = 'spymission' AND table_name = 'missions'")
if [ "$rows" != 0 ]; then
    rows=$(mysql --batch --skip-column-names --execute='SELECT count(*) FROM missions' spymission)
fi
if [ "$rows" != 0 ] && [ -z "$replace" ]; then
    echo "$rows missions stand in the database: write restore.sh --replace $file to drop them" >&2
    exit 1
fi
gzip --decompress --stdout "$file" | mysql --default-character-set=utf8mb4 spymission
compose up --detach --wait
