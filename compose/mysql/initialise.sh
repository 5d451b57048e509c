#!/bin/sh
# Creates the files of a new database: initialise.sh OPTION-OF-MYSQLD
# They are made in a folder beside the place where they belong, and moved when they are complete. So a
# start that was cut is made good by the next one, and no file of a database is ever removed.
set -eu
data=/var/lib/mysql
new=$data/.initialising

[ ! -d "$data/mysql" ] || exit 0 # the last folder that is moved: all is here
if [ ! -f "$new.complete" ]; then
    others=$(find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name '.initialising*')
    if [ -n "$others" ]; then
        echo "$data has files but no database, and none of them is removed:" >&2
        echo "$others" >&2
        exit 1
    fi
    rm -rf "$new"
    mysqld "$1" --datadir="$new" --initialize-insecure
    : >"$new.complete"
fi
# With `+`, a file that cannot be moved ends this script.
find "$new" -mindepth 1 -maxdepth 1 ! -name mysql -exec mv -t "$data" {} +
mv "$new/mysql" "$data"
rmdir "$new"
rm "$new.complete"
