#!/bin/sh
# Ready: a role's own user comes in over TLS.
set -eu
address=$(cat /run/secrets/database-gateway)
login=${address#mysql://}
MYSQL_PWD=${login#*:}
MYSQL_PWD=${MYSQL_PWD%%@*}
export MYSQL_PWD
exec mysql --no-defaults --host=127.0.0.1 --user="${login%%:*}" --ssl-mode=REQUIRED \
    --connect-timeout=3 --batch --skip-column-names --execute='SELECT 1' spymission >/dev/null
