#!/bin/sh
# Restores a backup, in the container of the database. The backup comes on standard input, unpacked.
#
#   restore.sh standing      how many missions stand, without that of the probe
#   restore.sh count         how many missions stand
#   restore.sh check N M     restores into a schema of its own, counts the missions, removes it again; N missions
#                            stood before the backup and M after it, so it holds a number between the two
#   restore.sh swap COUNT    restores, unless more or fewer than COUNT missions stand
#
# Nothing is changed until the whole backup is there: it goes into the schema spymission_restoring, and
# one RENAME, which is done or not done, exchanges all tables. The tables of before are then in
# spymission_replaced, with the table `exchanged`, which is removed when all is done. After a cut the next
# restore does the rest first.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
new=spymission_restoring old=spymission_replaced checked=spymission_checking
probe=65a2ab7baa5858d2bcae7e6395939900 # the mission that each deployment asks for
so_far="nothing was changed"

client() { sh "$here/client.sh" mysql --batch --skip-column-names --default-character-set=utf8mb4 "$@"; }

# number SQL: a number, or the end of this script.
number() {
    said=$(client --execute "$1") || { echo "the database did not answer: $so_far" >&2 && exit 1; }
    case $said in
        '' | *[!0-9]*) echo "no number but '$said': $so_far" >&2 && exit 1 ;;
    esac
    echo "$said"
}
tables() { number "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$1'"; }

standing() {
    there=$(number "SELECT COUNT(*) FROM information_schema.tables
        WHERE table_schema = 'spymission' AND table_name = 'missions'") || exit 1
    [ "$there" != 0 ] || { echo 0 && return; }
    number "SELECT COUNT(*) FROM spymission.missions WHERE id <> X'$probe'"
}

# load SCHEMA: into this schema, which is made anew. The last line of a complete backup becomes one more
# table, which later shows that the exchange was made.
load() {
    client --execute "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1 CHARACTER SET utf8mb4"
    sed '$ s/^-- Dump completed.*/CREATE TABLE exchanged (at DATETIME NOT NULL);/' | client "$1"
    whole=$(number "SELECT COUNT(*) FROM information_schema.tables
        WHERE table_schema = '$1' AND table_name IN ('exchanged', 'missions')") || exit 1
    [ "$whole" = 2 ] || { echo "the backup is not complete: nothing was changed" >&2 && exit 1; }
    missions=$(number "SELECT COUNT(*) FROM $1.missions") || exit 1
}

# Every table of one schema, as `old.t TO new.t, …`.
renames() {
    client --execute "SET SESSION group_concat_max_len = 100000;
        SELECT GROUP_CONCAT(CONCAT('\`$1\`.\`', table_name, '\` TO \`$2\`.\`', table_name, '\`') SEPARATOR ', ')
        FROM information_schema.tables WHERE table_schema = '$1' AND table_name <> 'exchanged'"
}

finish() {
    so_far="the tables were exchanged, and those of before are still in $old"
    client --execute "DROP DATABASE IF EXISTS $new"
    stand=$(number "SELECT COUNT(*) FROM spymission.missions") || exit 1
    echo "$stand missions stand"
    left=$(number "SELECT COUNT(*) FROM information_schema.tables
        WHERE table_schema = '$old' AND table_name = 'missions'") || exit 1
    [ "$left" = 0 ] || left=$(number "SELECT COUNT(*) FROM $old.missions WHERE id <> X'$probe'") || exit 1
    if [ "$left" = 0 ]; then
        client --execute "DROP DATABASE $old"
    else
        echo "the $left missions of before are in the schema $old: remove it when nobody needs them"
        client --execute "DROP TABLE IF EXISTS $old.exchanged"
    fi
}

swap() {
    aside=$(tables "$old") || exit 1
    cut=$(number "SELECT COUNT(*) FROM information_schema.tables
        WHERE table_schema = '$old' AND table_name = 'exchanged'") || exit 1
    if [ "$cut" != 0 ]; then
        echo "an earlier restore was cut after its exchange: the rest of it is done first" >&2
        finish >&2
        so_far="nothing more was changed"
        aside=$(tables "$old") || exit 1
    fi
    if [ "$aside" != 0 ]; then
        echo "missions of before an earlier restore are in the schema $old: move or remove it first" >&2
        exit 1
    fi
    load "$new"
    stand=$(standing) || exit 1
    if [ "$stand" != "$1" ]; then
        client --execute "DROP DATABASE $new"
        echo "$stand missions stand, not $1: nothing was restored" >&2
        exit 1
    fi
    client --execute "CREATE DATABASE IF NOT EXISTS $old CHARACTER SET utf8mb4"
    away=$(renames spymission "$old") || exit 1
    back=$(renames "$new" spymission) || exit 1
    [ "$away" = NULL ] || back="$away, $back"
    client --execute "SET SESSION lock_wait_timeout = 60;
        RENAME TABLE $back, $new.exchanged TO $old.exchanged"
    finish
}

case $1 in
    standing) standing ;;
    count) number "SELECT COUNT(*) FROM spymission.missions" ;;
    check)
        UNLOGGED=yes # each check would be one more copy of all tables there
        export UNLOGGED
        load "$checked"
        client --execute "DROP DATABASE $checked"
        # Missions were added meanwhile, or old ones deleted. The machine's script may still be one that gives
        # no numbers: `upgrade.yml` replaces this one only.
        before=${2:-$missions} after=${3:-$missions}
        if ! { [ "$missions" -ge "$before" ] && [ "$missions" -le "$after" ]; } &&
            ! { [ "$missions" -le "$before" ] && [ "$missions" -ge "$after" ]; }; then
            echo "the backup holds $missions missions; $before stood before it and $after after it" >&2
            exit 1
        fi
        echo "$missions"
        ;;
    swap) swap "$2" ;;
esac
