#!/bin/sh
# Starts MySQL for developers: one user with a public password and all privileges on `spymission`.
set -eu
sh "$(dirname "$0")/initialise.sh" --no-defaults
cat >/tmp/users.sql <<'SQL'
CREATE DATABASE IF NOT EXISTS spymission CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS developer@'%' IDENTIFIED BY 'developer';
GRANT ALL ON spymission.* TO developer@'%';
SQL
exec mysqld --no-defaults --datadir=/var/lib/mysql --socket=/tmp/mysqld.sock --pid-file=/tmp/mysqld.pid \
    --mysqlx=OFF --skip-name-resolve --init-file=/tmp/users.sql
