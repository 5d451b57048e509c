#!/bin/sh
# Ready: a user comes in over TLS, and the database is there.
exec sh /etc/spymission/client.sh mysql --connect-timeout=3 --execute='SELECT 1' spymission >/dev/null
