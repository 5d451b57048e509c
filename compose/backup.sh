#!/bin/sh
# Writes all missions into a file, while everything goes on: backup.sh [FILE]
#
# The table is all there is to back up: a request that is not done yet is kept by RabbitMQ, and its
# caller is still waiting. Keep the folder of secrets too, apart from this.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-spymission-$(date -u +%Y%m%dT%H%M%SZ).sql.gz}
compose() { docker compose --project-directory "$here" --file "$here/compose.yaml" "$@"; }

umask 077
trap 'rm -f "$file.part" "$file.sql"' EXIT
# One transaction sees the table as it is now; nobody is locked out.
compose exec -T mysql sh /etc/spymission/client.sh mysqldump --single-transaction --quick \
    --no-tablespaces --set-gtid-purged=OFF --hex-blob --default-character-set=utf8mb4 \
    spymission >"$file.sql"
# A dump that was cut off lacks its last line.
tail -n 1 "$file.sql" | grep -q '^-- Dump completed' || {
    echo "the dump is not complete: nothing was kept" >&2
    exit 1
}
gzip <"$file.sql" >"$file.part"
mv "$file.part" "$file"
echo "$file: $(wc -c <"$file") bytes"
