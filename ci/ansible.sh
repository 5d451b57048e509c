#!/bin/sh
# Runs a playbook of ansible/ with the Ansible of ansible/requirements.txt: ci/ansible.sh PLAYBOOK …
# INVENTORY chooses the machines, or INVENTORY_ARCHIVE does: a tar of such a folder, as a pipeline keeps
# it, which is unpacked for this run only. SSH_KEY is the key, KNOWN_HOSTS the file with the machines'
# keys; the vault's password is Ansible's own ANSIBLE_VAULT_PASSWORD_FILE.
set -eu
cd "$(dirname "$0")/../ansible"
venv=../target/ansible
mkdir -p ../target
(
    flock 9 # two at a time would break each other's
    if ! cmp -s requirements.txt "$venv/installed"; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --requirement requirements.txt
        cp requirements.txt "$venv/installed"
    fi
) 9>../target/ansible.lock
[ -z "${SSH_KEY:-}" ] || set -- --private-key "$SSH_KEY" "$@"
[ -z "${KNOWN_HOSTS:-}" ] || set -- --ssh-common-args "-o 'UserKnownHostsFile=\"$KNOWN_HOSTS\"'" "$@"
inventory=${INVENTORY:-inventory/production}
if [ -n "${INVENTORY_ARCHIVE:-}" ]; then
    inventory=$(mktemp -d)
    trap 'rm -rf "$inventory"' EXIT
    trap 'exit 1' HUP INT TERM
    tar -xf "$INVENTORY_ARCHIVE" -C "$inventory"
fi
"$venv/bin/ansible-playbook" --inventory "$inventory" "$@"
