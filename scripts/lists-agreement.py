#!/usr/bin/env python3
"""Whether look-ups agree with a search by brute force over the same MISP warninglists.

    scripts/lists-agreement.py DIR

DIR is the `lists` folder of a copy of github.com/MISP/misp-warninglists (also in the wheel of pymispwarninglists). Entries are
drawn from every list, and asked for as they are, within, below and beside what is listed. Needs nothing but Python 3.9.
"""

import ipaddress
import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

IP = {"ip-src", "ip-dst", "domain|ip"}
DOMAIN = {"domain", "hostname", "domain|ip", "hostname|port"}
URL = {"url", "uri"}
MD5 = {"md5", "filename|md5"}
NAME = re.compile(r"(?=.{1,200}$)(?!.*\.\d+$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")


class Warninglist:
    def __init__(self, path):
        said = json.loads(path.read_text(encoding="utf-8"))
        self.slug, self.type, self.entries = path.parent.name, said["type"], said["list"]
        self.attributes = set(said["matching_attributes"])
        lower = [entry.lower() for entry in self.entries]
        if self.type == "cidr":
            self.networks = {}
            for entry in self.entries:
                net = ipaddress.ip_network(entry, strict=False)
                self.networks.setdefault((net.version, net.prefixlen), set()).add(int(net.network_address))
        self.whole = set(lower)
        self.below = {e.lstrip(".") for e in lower if self.type == "hostname" or e.startswith(".")}
        # Within an address, the digits of another mean nothing.
        self.parts = [e for e in lower if self.type == "substring" and not re.fullmatch(r"[\d.]+", e)]

    def speaks_of(self, *types):
        return bool(self.attributes & set().union(*types))

    def knows_name(self, name):
        labels = name.split(".")
        above = (".".join(labels[at:]) for at in range(len(labels)))
        return (self.type in ("hostname", "string") and name in self.whole) or any(it in self.below for it in above)

    def knows_network(self, net):
        def holds(version, prefix, bases):
            shift = net.max_prefixlen - prefix
            return version == net.version and prefix <= net.prefixlen and (
                int(net.network_address) >> shift << shift) in bases
        return any(holds(*key, bases) for key, bases in self.networks.items())

    def knows(self, kind, value):
        if kind in ("ipv4", "ipv6", "ip_range"):
            return self.type == "cidr" and self.speaks_of(IP) and self.knows_network(ipaddress.ip_network(value))
        if kind == "hash_md5":
            return self.type == "string" and self.speaks_of(MD5) and value in self.whole
        if kind == "domain":
            return self.speaks_of(DOMAIN) and (self.knows_name(value) or any(p in value for p in self.parts))
        host = value.split("/")[2]
        searched = value if self.speaks_of(URL) else host
        return self.speaks_of(DOMAIN, URL) and (self.knows_name(host) or any(p in searched for p in self.parts))


def questions(lists):
    for it in lists:
        drawn = random.sample(it.entries, min(40, len(it.entries)))
        for entry in (entry.lower().lstrip(".") for entry in drawn):
            if it.type == "cidr":
                yield from around(ipaddress.ip_network(entry, strict=False))
            elif it.speaks_of(MD5) and len(entry) == 32:
                yield from (("hash_md5", entry), ("hash_md5", "0" + entry[1:]))
            elif it.speaks_of(DOMAIN) and NAME.fullmatch(entry):
                for name in (entry, "a.b." + entry, "not" + entry):
                    yield from (("domain", name), ("url", f"https://{name}/x/y.php"))
    for _ in range(2000):
        yield "ipv4", str(ipaddress.IPv4Address(random.getrandbits(32)))


def around(net):
    kind, width = f"ipv{net.version}", net.max_prefixlen
    behind = (int(net.broadcast_address) + 1) % (1 << width)
    address = ipaddress.IPv4Address if net.version == 4 else ipaddress.IPv6Address
    for it in (net.network_address, net[random.randrange(net.num_addresses)], address(behind)):
        yield kind, str(it)
    for it in (net, net.supernet(1), next(net.subnets(1)) if net.prefixlen < width else net):
        yield "ip_range", str(it)


def main():
    random.seed(1)
    folder = Path(sys.argv[1])
    lists = [Warninglist(path) for path in sorted(folder.glob("*/list.json"))]
    asked = list(dict.fromkeys(questions(lists)))
    told = subprocess.run(
        ["cargo", "run", "--quiet", "--release", "--locked", "--no-default-features", "--example", "lists", "--", folder],
        input="".join(f"{kind} {value}\n" for kind, value in asked), capture_output=True, text=True, check=True)
    answers = [line.split("\t")[1].split() for line in told.stdout.splitlines()]
    assert len(answers) == len(asked)
    hits, apart = 0, 0
    for (kind, value), answer in zip(asked, answers):
        expected = {it.slug for it in lists if it.knows(kind, value)}
        hits += len(expected)
        if expected != set(answer):
            apart += 1
            print(f"{kind} {value}: missed {sorted(expected - set(answer))}, too many {sorted(set(answer) - expected)}")
    print(f"{len(lists)} lists, {len(asked)} values {dict(Counter(kind for kind, _ in asked))}, {hits} hits: {apart} apart")
    sys.exit(1 if apart else 0)


if __name__ == "__main__":
    main()
