#!/bin/sh
# Writes all missions and dead letters into a file while the system runs: spymission-backup [FILE]
# The file is restored into a schema of its own and counted before it counts as a backup. RabbitMQ
# keeps unfinished requests.
set -eu
# shellcheck source=/dev/null # written by Ansible
. "${BACKUP_SETTINGS:-/etc/spymission-backup.conf}"
file=${1:-$BACKUP_DIRECTORY/missions-$(date -u +%Y%m%dT%H%M%SZ).sql.gz}
# spymission-backup-at names another one.
database=${BACKUP_FROM:-$(docker ps --quiet --filter "label=com.docker.swarm.service.name=${BACKUP_STACK}_mysql")}
[ -n "$database" ] || { echo "no database runs on this machine" >&2 && exit 1; }
inside() { docker exec --interactive "$database" sh "$@"; }
count() { inside /etc/spymission/restore.sh count </dev/null; }

umask 077
exec 9>"$BACKUP_DIRECTORY/.backup"
flock --timeout 3600 9 || { echo "another spymission-backup runs for more than an hour" >&2 && exit 1; }
# Not encrypted yet: the rest of a run that was killed goes, too.
remove() { rm -f "$BACKUP_DIRECTORY"/missions-*.sql "$BACKUP_DIRECTORY"/missions-*.part "$file.sql" "$file.part"; }
remove
trap remove EXIT
trap 'exit 1' HUP INT TERM
before=$(count)
# No DROP TABLE: a backup that is restored by hand must not delete what stands.
inside /etc/spymission/client.sh mysqldump --single-transaction --quick --skip-add-drop-table --no-tablespaces \
    --set-gtid-purged=OFF --hex-blob --default-character-set=utf8mb4 spymission >"$file.sql" </dev/null
after=$(count)
gzip <"$file.sql" >"$file.part"
rm "$file.sql"
held=$(gzip --decompress --stdout <"$file.part" | inside /etc/spymission/restore.sh check "$before" "$after")
if [ -n "$BACKUP_KEY_FILE" ]; then
    openssl enc -aes-256-cbc -pbkdf2 -salt -pass "file:$BACKUP_KEY_FILE" -in "$file.part" -out "$file.sql"
    rm "$file.part"
    mv "$file.sql" "$file.enc"
    file=$file.enc
else
    mv "$file.part" "$file"
fi
echo "$file: $held missions, $(wc -c <"$file") bytes"

# The oldest go only after the new one is elsewhere.
[ -z "$BACKUP_COPY" ] || "$BACKUP_COPY" "$file"
day='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]' clock='[0-9][0-9][0-9][0-9][0-9][0-9]'
name="missions-${day}T${clock}Z.sql.gz"
find "$BACKUP_DIRECTORY" -maxdepth 1 \( -name "$name" -o -name "$name.enc" \) |
    sort -r | tail -n "+$((BACKUP_KEEP + 1))" | xargs -r -d '\n' rm --
