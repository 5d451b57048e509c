#!/bin/sh
# Restores missions from a backup: spymission-restore [--replace] [--persisters-stopped] FILE
#
# It refuses a database that contains missions, other than the one that a deployment asks for. With
# --replace they are put aside, after you have typed how many. Persisters stop meanwhile, and RabbitMQ
# keeps what they would store; on a machine that is no manager stop them yourself, and say so.
set -eu
# shellcheck source=/dev/null # written by Ansible
. "${BACKUP_SETTINGS:-/etc/spymission-backup.conf}"

replace='' stopped=''
while :; do
    case ${1:-} in
        --replace) replace=yes ;;
        --persisters-stopped) stopped=yes ;;
        *) break ;;
    esac
    shift
done
file=${1:?a file of spymission-backup}
persister=${BACKUP_STACK}_persister
memory=$BACKUP_DIRECTORY/persisters # how many there were, for a run after a cut

database=$(docker ps --quiet --filter "label=com.docker.swarm.service.name=${BACKUP_STACK}_mysql")
[ -n "$database" ] || { echo "no database runs on this machine" >&2 && exit 1; }
inside() { docker exec --interactive "$database" sh /etc/spymission/restore.sh "$@"; }

umask 077
exec 9>"$BACKUP_DIRECTORY/.restore"
flock --nonblock 9 || { echo "another spymission-restore runs" >&2 && exit 1; }
# Not encrypted: the rest of a run that was killed goes, too.
rm -f "$BACKUP_DIRECTORY"/restoring.*
plain=$(mktemp "$BACKUP_DIRECTORY/restoring.XXXXXX")
trap 'rm -f "$plain"' EXIT
trap 'exit 1' HUP INT TERM
case $file in
    *.enc) openssl enc -d -aes-256-cbc -pbkdf2 -pass "file:$BACKUP_KEY_FILE" -in "$file" -out "$plain" ;;
    *) cp "$file" "$plain" ;;
esac
gzip --test <"$plain"
gzip --decompress --stdout <"$plain" | tail -n 1 | grep -q '^-- Dump completed' ||
    { echo "$file is not complete" >&2 && exit 1; }

standing=$(inside standing </dev/null)
if [ "$standing" != 0 ] && [ -z "$replace" ]; then
    echo "$standing missions stand: nothing was restored. --replace puts them aside." >&2
    exit 1
elif [ "$standing" != 0 ]; then
    echo "To put them aside, type: replace $standing missions" >&2
    read -r typed || typed=
    [ "$typed" = "replace $standing missions" ] || { echo "nothing was restored" >&2 && exit 1; }
fi

# back: the persisters work again. What stands is complete, whether it was exchanged or not.
back() {
    rm -f "$plain"
    if [ -s "$memory" ]; then
        docker service scale --detach "$persister=$(cat "$memory")" >&2 && rm -f "$memory"
    fi
}
if [ -z "$stopped" ]; then
    if [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" != true ]; then
        echo "on a manager: docker service scale $persister=0; then here with --persisters-stopped" >&2
        exit 1
    fi
    if [ ! -s "$memory" ]; then
        docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' "$persister" >"$memory.new"
        mv "$memory.new" "$memory"
    fi
    trap back EXIT
    docker service scale "$persister=0" >&2
fi
[ -z "$replace" ] || standing=$(inside standing </dev/null) # what they stored until they stopped
gzip --decompress --stdout <"$plain" | inside swap "$standing"
