#!/bin/sh
# Runs a client of MySQL in the container as the operator (or as the user in the secret $LOGIN):
# client.sh mysql|mysqldump ARGUMENTS
set -eu
login=$(sed 's,^mysql://,,' "/run/secrets/${LOGIN:-database-operator}")
MYSQL_PWD=${login#*:}
MYSQL_PWD=${MYSQL_PWD%%@*}
export MYSQL_PWD
program=$1
shift
exec "$program" --no-defaults --host=127.0.0.1 --user="${login%%:*}" --ssl-mode=REQUIRED "$@"
