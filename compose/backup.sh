#!/bin/sh
# Writes all missions into a file while the system runs: backup.sh [FILE]
#
# Only the table is backed up. RabbitMQ keeps unfinished requests, and their callers still wait. Back
# up the folder of secrets as well, and keep it apart from this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-spymission-$(date -u +%Y%m%dT%H%M%SZ).sql.gz}
compose() { docker compose --project-directory "$here" --file "$here/compose.yaml" "$@"; }

umask 077
trap 'rm -f "$file.part" "$file.sql"' EXIT
# One transaction reads the table as it is now, without locks.
compose exec -T mysql sh /etc/spymission/client.sh mysqldump --single-transaction --quick \
    --no-tablespaces --set-gtid-purged=OFF --hex-blob --default-character-set=utf8mb4 \
    spymission >"$file.sql"
# An incomplete dump lacks its last line.
tail -n 1 "$file.sql" | grep -q '^-- Dump completed' || {
    echo "the dump is not complete: nothing was kept" >&2
    exit 1
}
gzip <"$file.sql" >"$file.part"
mv "$file.part" "$file"
echo "$file: $(wc -c <"$file") bytes"
