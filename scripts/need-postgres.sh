#!/bin/sh
# Makes sure that the server binaries of Postgres are on this machine: the private database and the tests
# run them. On Debian and its kin they are installed where that is allowed, elsewhere it says how.
set -eu

found() {
    for dir in "${IOCSIFT_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        [ -n "$dir" ] && [ -x "$dir/initdb" ] && return 0
    done
    command -v initdb >/dev/null
}

found && exit 0

if command -v apt-get >/dev/null; then
    as=
    if [ "$(id -u)" != 0 ]; then
        as="sudo -n"
        $as true 2>/dev/null || {
            echo "needs PostgreSQL: sudo apt-get install postgresql" >&2
            exit 1
        }
    fi
    echo "installing PostgreSQL, which iocsift and its tests run" >&2
    $as apt-get update -qq
    $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
    found && exit 0
fi

echo "needs PostgreSQL 14 or newer, server included: dnf install postgresql-server postgresql-contrib, brew install postgresql, or set IOCSIFT_POSTGRES_BIN to the folder of initdb" >&2
exit 1
