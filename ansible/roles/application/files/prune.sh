#!/bin/sh
# Removes secrets and configs of releases that are gone: prune.sh STACK
# What a service uses stays, and what it used before its last update: Docker goes back to that.
set -eu
stack=$1
services=$(docker stack services --quiet "$stack")
[ -n "$services" ] || exit 0

# prune KIND FIELD: names are of one line each, without spaces.
prune() {
    names="{{range .TaskTemplate.ContainerSpec.$2s}}{{println .$2Name}}{{end}}"
    # shellcheck disable=SC2086 # one argument for each service
    used=$(docker service inspect --format "{{with .Spec}}$names{{end}}{{with .PreviousSpec}}$names{{end}}" $services)
    all=$(docker "$1" ls --filter "label=com.docker.stack.namespace=$stack" --format '{{.Name}}')
    for name in $all; do
        echo "$used" | grep --quiet --line-regexp --fixed-strings "$name" || docker "$1" rm "$name"
    done
}
prune secret Secret
prune config Config
