#!/bin/sh
# Whether a release is complete: settled.sh STACK RELEASE
# 0: every service runs as it should. 2: not yet. 1: an update failed or was paused; it names which.
#
# Every service has a label with the release it was deployed with. When Swarm returns a service to its
# old settings, it returns the label, too. So this also finds failed settings with the same image.
set -eu
stack=$1 release=$2
waiting=

services=$(docker stack services --format '{{.Name}}' "$stack")
[ -n "$services" ] || { echo "there is no stack $stack" && exit 1; }
for service in $services; do
    state=$(docker service inspect --format \
        '{{index .Spec.Labels "spymission.release"}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{else}}none{{end}}' "$service")
    case $state in
        *" paused" | *" rollback_paused") echo "$service: ${state##* }" && exit 1 ;;
        *" rollback_started") waiting="$waiting $service (rolling back)" ;;
        "$release updating") waiting="$waiting $service (updating)" ;;
        # This includes one that failed before: it now runs what it should.
        "$release "*) ;;
        *) echo "$service: it runs release ${state%% *}, not $release (${state##* })" && exit 1 ;;
    esac
done

# If a machine was lost, more tasks than wanted seem to run: nothing can tell that they ended.
counts=$(docker stack services --format '{{.Name}} {{.Replicas}}' "$stack")
waiting=$waiting$(echo "$counts" | awk '{ split($2, n, "/"); if (n[1] + 0 < n[2] + 0) printf " %s (%s)", $1, $2 }')
tasks=$(docker stack ps --filter desired-state=running --format '{{.Name}} {{.CurrentState}}' "$stack")
waiting=$waiting$(echo "$tasks" | awk '$2 != "Running" { printf " %s (%s)", $1, $2 }')
[ -z "$waiting" ] || { echo "not yet:$waiting" && exit 2; }
echo "settled"
