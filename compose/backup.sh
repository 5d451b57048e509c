#!/bin/sh
# Writes all missions and dead letters into a file while the system runs: backup.sh [FILE]
#
# The file is restored into a schema of its own and counted before it counts as a backup. RabbitMQ
# keeps unfinished requests, and their callers still wait. Back up the folder of secrets as well, and
# keep it apart from this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-spymission-$(date -u +%Y%m%dT%H%M%SZ).sql.gz}
inside() { docker compose --project-directory "$here" --file "$here/compose.yaml" exec -T mysql sh "$@"; }

umask 077
trap 'rm -f "$file.part" "$file.sql"' EXIT
trap 'exit 1' HUP INT TERM
before=$(inside /etc/spymission/restore.sh count </dev/null)
# One transaction reads the tables as they are now, without locks. No DROP TABLE: a backup that is
# restored by hand must not delete what stands.
inside /etc/spymission/client.sh mysqldump --single-transaction --quick --skip-add-drop-table \
    --no-tablespaces --set-gtid-purged=OFF --hex-blob --default-character-set=utf8mb4 \
    spymission >"$file.sql" </dev/null
after=$(inside /etc/spymission/restore.sh count </dev/null)
# An incomplete dump lacks its last line.
tail -n 1 "$file.sql" | grep -q '^-- Dump completed' || {
    echo "the dump is not complete: nothing was kept" >&2
    exit 1
}
held=$(inside /etc/spymission/restore.sh check "$before" "$after" <"$file.sql")
gzip <"$file.sql" >"$file.part"
mv "$file.part" "$file"
echo "$file: $held missions, $(wc -c <"$file") bytes"
