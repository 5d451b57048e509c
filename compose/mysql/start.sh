#!/bin/sh
# Starts MySQL. Each start creates the users and passwords from the addresses that the roles use, and
# gives them the privileges in the file `grants`. So a restart is enough for a new password.
set -eu

cnf=/etc/spymission/my.cnf
sh "$(dirname "$0")/initialise.sh" --defaults-file=$cnf

# The user and the password in an address. secrets.sh writes nothing that needs quotes.
user_of() { sed -n 's,^mysql://\([A-Za-z0-9_-]*\):[A-Za-z0-9_-]*@.*,\1,p' "/run/secrets/$1"; }
password_of() { sed -n 's,^mysql://[A-Za-z0-9_-]*:\([A-Za-z0-9_-]*\)@.*,\1,p' "/run/secrets/$1"; }

# user SECRET
user() {
    user=$(user_of "$1") password=$(password_of "$1")
    if [ -z "$user" ] || [ -z "$password" ]; then
        echo "/run/secrets/$1 holds no mysql://USER:PASSWORD@… of letters, digits, - and _" >&2
        exit 1
    fi
    echo "CREATE USER IF NOT EXISTS '$user'@'%' IDENTIFIED BY '$password';"
    echo "ALTER USER '$user'@'%' IDENTIFIED BY '$password' REQUIRE SSL;"
    echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '$user'@'%';"
}

# grant SECRET TABLE PRIVILEGES
grant() {
    user=$(user_of "$1")
    case $2 in
        '*') echo "GRANT $3 ON spymission.* TO '$user'@'%';" && return ;;
        *.'*') echo "GRANT $3 ON spymission_$2 TO '$user'@'%';" && return ;;
    esac
    # Only CREATE may be granted on a table that does not exist yet.
    echo "GRANT CREATE, $3 ON spymission.$2 TO '$user'@'%';"
    echo "REVOKE CREATE ON spymission.$2 FROM '$user'@'%';"
}

umask 077
{
    echo 'CREATE DATABASE IF NOT EXISTS spymission CHARACTER SET utf8mb4;'
    before=
    while read -r login table privileges; do
        [ "$login" != '#' ] || continue
        [ "$login" = "$before" ] || user "database-$login"
        grant "database-$login" "$table" "$privileges"
        before=$login
    done </etc/spymission/grants
    # root may log in only from inside the container, where these files can be read anyway.
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(password_of database-operator)';"
} >/tmp/users.sql
exec mysqld --defaults-file=$cnf --init-file=/tmp/users.sql
