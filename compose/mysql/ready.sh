#!/bin/sh
# Ready means: a user can log in over TLS, and the database exists. Where all connections are in use (1040) it
# works, too, and to restart it would not help.
said=$(sh /etc/spymission/client.sh mysql --connect-timeout=3 --execute='SELECT 1' spymission 2>&1) && exit 0
case $said in *'ERROR 1040 '*) exit 0 ;; esac
echo "$said" >&2
exit 1
