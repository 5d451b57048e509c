#!/bin/sh
# The tests of what talks to servers, on RabbitMQ 4 and MySQL 9, in containers. The other tests run on
# RabbitMQ and MariaDB as Debian has them.
set -eu
cd "$(dirname "$0")/.."
exec cargo xtask deploy-test --only servers
