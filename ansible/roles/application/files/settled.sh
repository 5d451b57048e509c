#!/bin/sh
# Whether an update is through: settled.sh STACK IMAGE ROLE...
# 0: every service runs as it should. 2: not yet. 1: an update was taken back or stands still; which.
set -eu
stack=$1 image=$2
shift 2
waiting=

for role in "$@"; do
    service=${stack}_$role
    state=$(docker service inspect --format \
        '{{.Spec.TaskTemplate.ContainerSpec.Image}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{else}}none{{end}}' "$service")
    case $state in
        "$image paused" | "$image rollback_paused") echo "$service: ${state##* }" && exit 1 ;;
        "$image updating" | "$image rollback_started") waiting="$waiting $role (${state##* })" ;;
        # Also one that was taken back before: it runs what is wanted now.
        "$image "*) ;;
        *" rollback_started") waiting="$waiting $role (rolling back)" ;;
        *) echo "$service: it runs ${state%% *}, ${state##* }" && exit 1 ;;
    esac
done

# More than there should be run where a machine was lost: nobody can say that those ended.
services=$(docker stack services --format '{{.Name}} {{.Replicas}}' "$stack")
waiting=$waiting$(echo "$services" | awk '{ split($2, n, "/"); if (n[1] + 0 < n[2] + 0) printf " %s (%s)", $1, $2 }')
tasks=$(docker stack ps --filter desired-state=running --format '{{.Name}} {{.CurrentState}}' "$stack")
waiting=$waiting$(echo "$tasks" | awk '$2 != "Running" { printf " %s (%s)", $1, $2 }')
[ -z "$waiting" ] || { echo "not yet:$waiting" && exit 2; }
echo "settled"
