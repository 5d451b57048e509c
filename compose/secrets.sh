#!/bin/sh
# Creates all secrets, once: passwords (in the addresses that the roles use), our own authority, and
# certificates for MySQL and nginx. Files that exist are kept; remove a file to have it created
# again.
#
#   ./secrets.sh [FOLDER] [NAME-OF-THIS-SITE ...]      default: ./secrets localhost
#
# Only its owner may enter the folder. The files in it can be read by every container that mounts
# them, and written by their owner, as `ansible-vault encrypt` does.
# A certificate of your own: put it into nginx.pem (with its chain) and nginx.key.
set -eu
umask 077

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-$here/secrets}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- localhost
mkdir -p "$folder"
cd "$folder"

password() { openssl rand -hex 24; }

# keep FILE: writes standard input to FILE, unless it exists.
keep() {
    if [ ! -s "$1" ]; then
        cat >"$1.new"
        chmod 0644 "$1.new"
        mv "$1.new" "$1"
        echo "made $folder/$1"
    else
        cat >/dev/null
    fi
}

# named PREFIX: what compose.yaml calls the secrets that begin with it.
named() { sed -n "s/^  $1-\([a-z]*\): {file: .*/\1/p" "$here/compose.yaml"; }

for role in $(named broker); do
    printf 'amqp://%s:%s@rabbitmq:5672/%%2f\n' "$role" "$(password)" | keep "broker-$role"
done
tls='ssl-mode=VERIFY_IDENTITY&ssl-ca=/run/secrets/ca.pem'
for user in $(named database); do
    printf 'mysql://%s:%s@mysql:3306/spymission?%s\n' "$user" "$(password)" "$tls" |
        keep "database-$user"
done

password | keep operator-token # opens /operations

if [ ! -s ca.pem ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
        -subj '/CN=spymission authority' -keyout ca.key -out ca.pem \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
    chmod 0600 ca.key # signs new certificates; no service gets it, so it can be moved elsewhere
    chmod 0644 ca.pem
    echo "made $folder/ca.pem"
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
    if grep -q "^[$]ANSIBLE_VAULT;" ca.pem ca.key; then
        echo "to sign $file.pem: ansible-vault decrypt $folder/ca.pem $folder/ca.key" >&2
        exit 1
    fi
    rm -f "$file.pem" "$file.key" # one without the other, or read-only
    names=$(printf ',DNS:%s' "$@")
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$file.key" -out "$file.csr" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' \
        "${names#,}" >"$file.ext"
    openssl x509 -req -in "$file.csr" -CA ca.pem -CAkey ca.key -days 825 -extfile "$file.ext" \
        -set_serial "0x$(openssl rand -hex 16)" -out "$file.pem" 2>/dev/null
    rm -f "$file.csr" "$file.ext"
    chmod 0644 "$file.pem" "$file.key"
    echo "made $folder/$file.pem"
}
certificate mysql mysql
certificate nginx "$@"
