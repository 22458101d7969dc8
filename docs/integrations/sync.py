#!/usr/bin/env python3
"""Keeps a folder with one JSON file for each submission: sync.py https://HOST FOLDER [TOKEN]

It can be stopped at any time and goes on where it stopped.
"""
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

base, folder = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
headers = {"Authorization": f"Bearer {sys.argv[3]}"} if len(sys.argv) > 3 else {}
folder.mkdir(parents=True, exist_ok=True)
place = folder / ".since"


def get(path, **query):
    url = f"{base}{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


# Without a first `since` the list is newest first, and its last row is no place to go on from.
since = place.read_text() if place.exists() else "1970-01-01T00:00:00Z"
while True:
    page = get("/api/submissions", since=since, limit=100)
    for submission in page:
        file = folder / f"{submission['id']}.json"
        if submission["status"] == "deleted":
            file.unlink(missing_ok=True)
        elif submission["status"] == "completed":
            try:
                file.write_text(json.dumps(get(f"/api/submissions/{submission['id']}")))
            except urllib.error.HTTPError as error:
                if error.code != 410:  # deleted since: the feed tells of it further on
                    raise
        since = submission["updated_at"]
    place.write_text(since)
    if len(page) < 100:
        break
