#!/bin/sh
# Runs the program of RabbitMQ 4 that has this file's name, in the tree beside it. The mounts are
# this process's alone, and each step becomes the next one: whoever starts it may kill it.
set -e
SPYMISSION_TREE=$(cd "$(dirname "$0")/../root" && pwd)
SPYMISSION_PROGRAM=/usr/lib/rabbitmq/bin/${0##*/}
export SPYMISSION_TREE SPYMISSION_PROGRAM
# shellcheck disable=SC2016 # expanded inside
exec unshare --mount --propagation private sh -ec '
    temp=${TMPDIR:-/tmp}
    mkdir -p "$SPYMISSION_TREE/$temp"
    mount --bind "$temp" "$SPYMISSION_TREE/$temp"
    mount --bind /proc "$SPYMISSION_TREE/proc"
    mount --bind /dev "$SPYMISSION_TREE/dev"
    exec chroot "$SPYMISSION_TREE" /bin/sh -ec "
        cd \"\$0\" || cd /
        exec \"\$SPYMISSION_PROGRAM\" \"\$@\"
    " "$PWD" "$@"
' sh "$@"
