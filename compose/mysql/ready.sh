#!/bin/sh
# Ready means: a user can log in over TLS, and the database exists.
exec sh /etc/spymission/client.sh mysql --connect-timeout=3 --execute='SELECT 1' spymission >/dev/null
