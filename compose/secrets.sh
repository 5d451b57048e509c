#!/bin/sh
# Creates all secrets, once: passwords (in the addresses that the roles use), our own authority, and
# certificates for RabbitMQ, MySQL and nginx. Files that exist are kept; remove a file to have it created
# again.
#
#   ./secrets.sh [--vault] [FOLDER] [NAME-OF-THIS-SITE ...]      default: ./secrets localhost
#
# Only its owner may enter the folder. The files in it can be read by every container that mounts
# them. With --vault each file is encrypted by ansible-vault before it is written, with the password in
# ANSIBLE_VAULT_PASSWORD_FILE.
# A certificate of your own: put it into nginx.pem (with its chain) and nginx.key.
set -eu
umask 077

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
vault=
if [ "${1:-}" = --vault ]; then
    vault=yes
    shift
    command -v ansible-vault >/dev/null || { echo "--vault needs ansible-vault: . v/bin/activate" >&2 && exit 1; }
    password=${ANSIBLE_VAULT_PASSWORD_FILE:?names the file with the password of the vault}
    [ -s "$password" ] || { echo "$password is empty or not there: write a password into it" >&2 && exit 1; }
    ANSIBLE_VAULT_PASSWORD_FILE=$(cd "$(dirname "$password")" && pwd)/$(basename "$password")
    export ANSIBLE_VAULT_PASSWORD_FILE
fi
folder=${1:-$here/secrets}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- localhost
mkdir -p "$folder"
cd "$folder"
# Keys are made where nothing reaches a disk, if there is such a place.
[ ! -d /dev/shm ] || TMPDIR=/dev/shm
export TMPDIR="${TMPDIR:-/tmp}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

password() { openssl rand -hex 24; }

# keep FILE [MODE]: writes standard input to FILE, unless it exists.
keep() {
    if [ -s "$1" ]; then
        cat >/dev/null
        return
    fi
    if [ -n "$vault" ]; then ansible-vault encrypt --output "$1.new" - 2>/dev/null; else cat >"$1.new"; fi
    chmod "${2:-0644}" "$1.new"
    mv "$1.new" "$1"
    echo "made $folder/$1"
}

# show FILE: its content, decrypted.
show() {
    if head -n 1 "$1" | grep -q '^[$]ANSIBLE_VAULT;'; then ansible-vault view "$1"; else cat "$1"; fi
}

# named PREFIX: what compose.yaml calls the secrets that begin with it.
named() { sed -n "s/^  $1-\([a-z]*\): {file: .*/\1/p" "$here/compose.yaml"; }

# Each checks that the server's certificate is of our authority.
ca='ssl-ca=/run/secrets/ca.pem'
for role in $(named broker); do
    printf 'amqps://%s:%s@rabbitmq:5671/%%2f?%s\n' "$role" "$(password)" "$ca" | keep "broker-$role"
done
for user in $(named database); do
    printf 'mysql://%s:%s@mysql:3306/spymission?ssl-mode=VERIFY_IDENTITY&%s\n' \
        "$user" "$(password)" "$ca" |
        keep "database-$user"
done

password | keep operator-token # opens /operations

if [ ! -s ca.pem ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
        -subj '/CN=spymission authority' -keyout "$scratch/ca.key" -out "$scratch/ca.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
    rm -f ca.key
    keep ca.key 0600 <"$scratch/ca.key" # signs new certificates; no service gets it, so it can be moved elsewhere
    keep ca.pem <"$scratch/ca.pem"
fi

# certificate FILE NAME ...: signed by our authority.
certificate() {
    file=$1
    shift
    if [ -s "$file.pem" ] && [ -s "$file.key" ]; then return; fi
    if [ ! -s ca.key ]; then
        echo "to sign $file.pem: put ca.key back into $folder" >&2
        exit 1
    fi
    show ca.pem >"$scratch/ca.pem"
    show ca.key >"$scratch/ca.key"
    names=$(printf ',DNS:%s' "$@")
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$scratch/key" -out "$scratch/csr" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' \
        "${names#,}" >"$scratch/ext"
    openssl x509 -req -in "$scratch/csr" -CA "$scratch/ca.pem" -CAkey "$scratch/ca.key" -days 825 \
        -extfile "$scratch/ext" -set_serial "0x$(openssl rand -hex 16)" -out "$scratch/pem" 2>/dev/null
    rm -f "$file.pem" "$file.key" # one without the other
    keep "$file.key" <"$scratch/key"
    keep "$file.pem" <"$scratch/pem"
}
certificate rabbitmq rabbitmq
certificate mysql mysql
certificate nginx "$@"
