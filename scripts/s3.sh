#!/bin/sh
# Runs the tests of blobs in a bucket. Starts moto, which speaks S3, from a Python environment of its own below
# target/; where IOCSIFT_TEST_BUCKET is set (s3://bucket, its keys as AWS_…), that bucket is used instead.
set -eu
cd "$(dirname "$0")/.."

if [ -z "${IOCSIFT_TEST_BUCKET:-}" ]; then
    server=target/s3
    command -v python3 >/dev/null || { echo "needs Python 3 with venv: apt-get install python3-venv" >&2; exit 1; }
    if [ ! -x $server/bin/moto_server ]; then
        python3 -m venv $server
        $server/bin/pip install --quiet 'moto[s3]==5.2.5' flask flask-cors
    fi
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    $server/bin/moto_server -H 127.0.0.1 -p "$port" >$server/log 2>&1 &
    trap 'kill $!' EXIT
    export AWS_ENDPOINT="http://127.0.0.1:$port" AWS_ALLOW_HTTP=true AWS_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret
    export IOCSIFT_TEST_BUCKET=s3://iocsift-tests
    python3 - <<'END'
import os, time, urllib.request
for attempt in range(100):
    try:
        put = urllib.request.Request(os.environ["AWS_ENDPOINT"] + "/iocsift-tests", method="PUT")
        urllib.request.urlopen(put)
        break
    except OSError:
        time.sleep(0.2)
else:
    raise SystemExit("moto does not answer: see target/s3/log")
END
fi

cargo test --locked --test it store::bucket
