#!/bin/sh
# Runs a playbook of ansible/ with the Ansible of ansible/requirements.txt: ci/ansible.sh PLAYBOOK …
# INVENTORY chooses the machines, SSH_KEY the key; the vault's password is Ansible's own
# ANSIBLE_VAULT_PASSWORD_FILE.
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
exec "$venv/bin/ansible-playbook" --inventory "${INVENTORY:-inventory/production}" "$@"
