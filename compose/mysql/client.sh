#!/bin/sh
# Runs a client of MySQL in the container as the operator (or as the user in the secret $LOGIN):
# client.sh mysql|mysqldump ARGUMENTS
# With UNLOGGED=yes it is root, and nothing that it does is written to the binary logs.
set -eu
login=$(sed 's,^mysql://,,' "/run/secrets/${LOGIN:-database-operator}")
MYSQL_PWD=${login#*:}
MYSQL_PWD=${MYSQL_PWD%%@*}
export MYSQL_PWD
program=$1
shift
if [ -n "${UNLOGGED:-}" ]; then
    # `start.sh` gives root the password of the operator.
    exec "$program" --no-defaults --socket=/tmp/mysqld.sock --user=root --init-command='SET sql_log_bin = 0' "$@"
fi
exec "$program" --no-defaults --host=127.0.0.1 --user="${login%%:*}" --ssl-mode=REQUIRED "$@"
