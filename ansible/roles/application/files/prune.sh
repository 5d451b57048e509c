#!/bin/sh
# Removes the secrets and configs that no service uses any more: prune.sh STACK
# Run it when a release is complete. A rollback needs none of them: it deploys the previous image
# with the present secrets and settings.
set -eu
stack=$1
services=$(docker stack services --quiet "$stack")
[ -n "$services" ] || exit 0

# prune KIND FIELD: each name is on a line of its own and has no spaces.
prune() {
    names="{{range .Spec.TaskTemplate.ContainerSpec.$2s}}{{println .$2Name}}{{end}}"
    # shellcheck disable=SC2086 # one argument for each service
    used=$(docker service inspect --format "$names" $services)
    all=$(docker "$1" ls --filter "label=com.docker.stack.namespace=$stack" --format '{{.Name}}')
    for name in $all; do
        echo "$used" | grep --quiet --line-regexp --fixed-strings "$name" || docker "$1" rm "$name"
    done
}
prune secret Secret
prune config Config
