#!/bin/sh
# Starts MySQL. Each start creates the users, passwords and privileges from the addresses that the
# roles use, so a restart is enough for a new password.
set -eu

cnf=/etc/spymission/my.cnf
if [ ! -d /var/lib/mysql/mysql ]; then
    rm -rf /var/lib/mysql/* # left by a start that was interrupted
    mysqld --defaults-file=$cnf --initialize-insecure
fi

# The user and the password in an address. secrets.sh writes nothing that needs quotes.
user_of() { sed -n 's,^mysql://\([A-Za-z0-9_-]*\):[A-Za-z0-9_-]*@.*,\1,p' "/run/secrets/$1"; }
password_of() { sed -n 's,^mysql://[A-Za-z0-9_-]*:\([A-Za-z0-9_-]*\)@.*,\1,p' "/run/secrets/$1"; }

# grant SECRET RIGHTS ON
grant() {
    user=$(user_of "$1") password=$(password_of "$1")
    if [ -z "$user" ] || [ -z "$password" ]; then
        echo "/run/secrets/$1 holds no mysql://USER:PASSWORD@… of letters, digits, - and _" >&2
        exit 1
    fi
    echo "CREATE USER IF NOT EXISTS '$user'@'%' IDENTIFIED BY '$password';"
    echo "ALTER USER '$user'@'%' IDENTIFIED BY '$password' REQUIRE SSL;"
    echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '$user'@'%';"
    echo "GRANT $2 ON $3 TO '$user'@'%';"
}

umask 077
{
    echo 'CREATE DATABASE IF NOT EXISTS spymission CHARACTER SET utf8mb4;'
    grant database-gateway 'SELECT' 'spymission.*'
    grant database-persister 'SELECT, INSERT' 'spymission.*'
    grant database-migrate 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES' 'spymission.*'
    grant database-operator 'SELECT, INSERT, DELETE, LOCK TABLES, SHOW VIEW, TRIGGER, CREATE, DROP, ALTER' 'spymission.*'
    # root may log in only from inside the container, where these files can be read anyway.
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(password_of database-operator)';"
} >/tmp/users.sql
exec mysqld --defaults-file=$cnf --init-file=/tmp/users.sql
