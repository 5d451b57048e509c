#!/bin/sh
# Writes a backup of what the database held at a moment of the last week: spymission-backup-at TIME [FILE]
# TIME is as `date --date` has it, such as '2026-11-28 04:10:00 UTC'; a statement counts if it began by then.
#
# The last backup before TIME goes into a server beside the database, which then applies what the binary
# logs hold up to TIME, and is backed up. The database itself is only read.
set -eu
# shellcheck source=/dev/null # written by Ansible
. "${BACKUP_SETTINGS:-/etc/spymission-backup.conf}"
time=$(date --utc --date "${1:?a time, such as '2026-11-28 04:10:00 UTC'}" +%s)
file=${2:-$BACKUP_DIRECTORY/missions-$(date --utc --date "@$time" +%Y%m%dT%H%M%SZ).sql.gz}
[ "$time" -lt "$(date +%s)" ] || { echo "$1 is not over yet" >&2 && exit 1; }
for there in "$file" "$file.enc"; do
    [ ! -e "$there" ] || { echo "$there is there already" >&2 && exit 1; }
done
database=$(docker ps --quiet --filter "label=com.docker.swarm.service.name=${BACKUP_STACK}_mysql")
[ -n "$database" ] || { echo "no database runs on this machine" >&2 && exit 1; }
umask 077
exec 9>"$BACKUP_DIRECTORY/.backup-at"
flock --nonblock 9 || { echo "another spymission-backup-at runs" >&2 && exit 1; }
# The rest of a run that was killed goes first.
beside=$BACKUP_STACK-backup-at work=$BACKUP_DIRECTORY/backup-at
end() {
    docker rm --force --volumes "$beside" >/dev/null 2>&1 || true
    rm -rf "$work"
}
end
mkdir "$work"
trap end EXIT
trap 'exit 1' HUP INT TERM

unpacked() {
    case $1 in
        *.enc) openssl enc -d -aes-256-cbc -pbkdf2 -pass "file:$BACKUP_KEY_FILE" -in "$1" ;;
        *) cat "$1" ;;
    esac | gzip --decompress --stdout
}
# When a backup was begun, and when it was complete.
begun() {
    named=$(basename "$1" | sed -n 's/^missions-\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\)Z.*/\1-\2-\3 \4:\5:\6 UTC/p')
    date --utc --date "${named:?}" +%s
}
finished() { date --utc --date "$(tail -n 1 "$1" | sed -n 's/^-- Dump completed on //p') UTC" +%s; }

since=''
day='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]' clock='[0-9][0-9][0-9][0-9][0-9][0-9]'
name="missions-${day}T${clock}Z.sql.gz"
find "$BACKUP_DIRECTORY" -maxdepth 1 \( -name "$name" -o -name "$name.enc" \) |
    sort -r >"$work/backups"
while read -r backup; do
    [ "$(begun "$backup")" -lt "$time" ] || continue
    unpacked "$backup" >"$work/backup.sql"
    [ "$(finished "$work/backup.sql")" -le "$time" ] || continue
    since=$(begun "$backup")
    break
done <"$work/backups"
[ -n "$since" ] || { echo "no backup in $BACKUP_DIRECTORY was complete at $1" >&2 && exit 1; }
echo "from $backup and the binary logs" >&2

open=$work/open
mkdir --mode 0777 "$open"
mounted=$(docker inspect --format \
    '{{range .Mounts}}{{if eq .Destination "/var/lib/mysql"}}{{.Source}}{{end}}{{end}}' "$database")
written=$(spymission-binary-logs "$mounted" "$since" "$time" "$open")
docker exec "$database" cat /etc/spymission/restore.sh >"$open/restore.sh"
cat >"$open/client.sh" <<'END'
program=$1
shift
exec "$program" --no-defaults --socket=/tmp/mysqld.sock --user=root "$@"
END
cat >"$open/start.sh" <<'END'
set -eu
at=/etc/spymission
mysqld --no-defaults --initialize-insecure --datadir=$at/data
cp $at/replay.* $at/data
rm $at/replay.*
exec mysqld --no-defaults --datadir=$at/data --socket=/tmp/mysqld.sock --pid-file=/tmp/mysqld.pid \
    --skip-networking --mysqlx=OFF --secure-file-priv=NULL --skip-log-bin --server-id=2 --relay-log=replay \
    --replicate-do-db=spymission --replica-exec-mode=IDEMPOTENT --replica-skip-errors=1007,1050,1060,1061
END
chmod -R a+rX "$open"
docker run --detach --name "$beside" --network none --cap-drop ALL --user mysql --tmpfs /tmp \
    --volume "$open:/etc/spymission" --entrypoint sh "$(docker inspect --format '{{.Image}}' "$database")" \
    /etc/spymission/start.sh >/dev/null
client() { docker exec --interactive "$beside" sh /etc/spymission/client.sh mysql --batch --skip-column-names "$@"; }
tries=0
until client --execute 'CREATE DATABASE spymission CHARACTER SET utf8mb4' 2>/dev/null </dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { docker logs --tail 20 "$beside" >&2 && exit 1; }
    sleep 1
done
client spymission <"$work/backup.sql"
rm "$work/backup.sql"

# apply START LAST STOP: from a place in the first of these logs to one in the last.
apply() {
    client --execute "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'nobody', RELAY_LOG_FILE = 'replay.000001',
        RELAY_LOG_POS = $1; START REPLICA SQL_THREAD UNTIL RELAY_LOG_FILE = '$2', RELAY_LOG_POS = $3" </dev/null
    # The logs end, or the server does: then the question fails, and so does this script.
    state=ON
    while [ "$state" = ON ]; do
        sleep 1
        state=$(client --execute 'SELECT service_state FROM performance_schema.replication_applier_status' </dev/null)
    done
    ended=$(docker exec "$beside" sh /etc/spymission/client.sh mysql --vertical --execute 'SHOW REPLICA STATUS')
    place() { echo "$ended" | sed -n "s/^ *$1: //p"; }
    if [ "$(place Relay_Log_File) $(place Relay_Log_Pos)" != "$2 $3" ]; then
        echo "the binary logs were not applied whole: $(place Last_SQL_Error)" >&2
        exit 1
    fi
}
# shellcheck disable=SC2086 # three words
[ -z "$written" ] || apply $written
BACKUP_FROM=$beside spymission-backup "$file"
