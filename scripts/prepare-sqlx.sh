#!/bin/sh
# Renews .sqlx, the query data that a build without a database checks against.
# Starts a throw-away Postgres, migrates it, compiles against it, removes what no query uses any more.
set -eu
cd "$(dirname "$0")/.."

bin=${IOCSIFT_POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | tail -n 1)}
[ -n "$bin" ] || bin=$(dirname "$(command -v postgres || echo missing)")
[ -x "$bin/initdb" ] || { echo "no Postgres server binaries found: set IOCSIFT_POSTGRES_BIN" >&2; exit 1; }

dir=$(mktemp -d)
as=
if [ "$(id -u)" = 0 ]; then
    as="runuser -u postgres --"
    chown postgres "$dir"
fi
trap '$as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

(cd /; $as "$bin/initdb" -D "$dir/data" -U iocsift -A trust --encoding=UTF8 --locale=C --no-sync >/dev/null
    $as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses='' -F" start >/dev/null
    "$bin/createdb" -h "$dir" -U iocsift iocsift)
for migration in migrations/*.sql; do
    one=-1
    ! grep -q '^-- no-transaction' "$migration" || one=
    "$bin/psql" -h "$dir" -U iocsift -d iocsift -q -v ON_ERROR_STOP=1 $one -f "$migration"
done

rm -rf .sqlx
mkdir .sqlx
# The macros write into SQLX_OFFLINE_DIR whatever they check online; touching makes cargo run them all.
find src -name '*.rs' -exec grep -l 'sqlx::query' {} + | xargs touch
DATABASE_URL="postgres:///iocsift?host=$dir&user=iocsift" SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$PWD/.sqlx" \
    cargo check --lib --quiet
echo "$(ls .sqlx | wc -l) queries"
