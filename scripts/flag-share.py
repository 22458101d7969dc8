#!/usr/bin/env python3
"""Speaks the line protocol of a scorer for a running server, with or without what is flagged: flag-share.py URL [--drop-flagged]

Reads JSON lines {"id", "text"} from standard input, asks POST /api/extract for each, prints {"id", "iocs": [{"type", "value"}]}. At
its end it tells on standard error how many findings there were and which lists flagged how many of them. The token stands
in IOCSIFT_TOKEN. Scored once as it is and once with --drop-flagged, the difference is what flags cost and bring:

    IOCSIFT_TOKEN=ioc_… iocsift-scorer --cmd 'scripts/flag-share.py http://127.0.0.1:8080 --drop-flagged' …
"""

import argparse
import collections
import json
import os
import sys
import urllib.request


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--drop-flagged", action="store_true")
    parser.add_argument("--log", help="write the flagged findings into this file, as JSON lines")
    wanted = parser.parse_args()
    token = os.environ["IOCSIFT_TOKEN"]
    log = open(wanted.log, "w") if wanted.log else None
    found, lists = 0, collections.Counter()
    for line in sys.stdin:
        case = json.loads(line)
        body = json.dumps({"text": case["text"]}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{wanted.url}/api/extract", body, headers)
        with urllib.request.urlopen(request) as answer:
            iocs = json.load(answer)["iocs"]
        found += len(iocs)
        kept = []
        for ioc in iocs:
            if ioc["flags"]:
                lists[ioc["flags"][0]["list"]] += 1
                if log:
                    print(json.dumps({"id": case["id"], "type": ioc["type"], "value": ioc["value"], "flags": ioc["flags"]}), file=log)
            if not (wanted.drop_flagged and ioc["flags"]):
                kept.append({"type": ioc["type"], "value": ioc["value"]})
        print(json.dumps({"id": case["id"], "iocs": kept}), flush=True)
    flagged = sum(lists.values())
    share = 100 * flagged / max(found, 1)
    print(f"{found} findings, {flagged} flagged ({share:.1f} %): {dict(lists.most_common())}", file=sys.stderr)


if __name__ == "__main__":
    main()
