#!/bin/sh
# Tells how a build ended: ci/notify.sh RESULT. NOTIFY_URL takes {"text": …} as chats do; without
# it, it is only said here. Not being heard fails no build.
set -eu
text="spymission ${BUILD_TAG:-by hand}: ${1:?result} ${BUILD_URL:-}"
echo "$text"
[ -n "${NOTIFY_URL:-}" ] || exit 0
escaped=$(printf '%s' "$text" | sed 's/\\/\\\\/g; s/"/\\"/g')
curl --silent --show-error --max-time 10 --retry 2 --header 'Content-Type: application/json' \
    --data "{\"text\":\"$escaped\"}" "$NOTIFY_URL" >/dev/null || echo "nobody was told" >&2
