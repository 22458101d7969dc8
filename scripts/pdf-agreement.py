#!/usr/bin/env python3
"""Compares how PDFs are read with three other readers: pdf-agreement.py DIR

What at least two of `pdftotext -raw`, pypdfium2 and `mutool` agree on counts as true: hashes, URLs, addresses (mail, IP,
domain) and words. Prints the share of it that is found; what is found that no peer has, which is wrapped hashes made
whole, targets of links, fields and attachments, and would be words that ran together; and what reading costs. The peers:

    apt-get install poppler-utils mupdf-tools && pip install pypdfium2==5.15.2

and to have what is measured:

    cargo build --release --locked --bin iocsift --example text

--missing prints what was not found and what no peer has; --no-cost skips the second table.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 20
KINDS = {
    "hashes": re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9A-Za-z])"),
    "URLs": re.compile(r"(?:https?|hxxps?|ftp)(?:\[?:\]?//|\[://\])[^\s<>\"'\u201c\u201d]+", re.I),
    "addresses": re.compile(
        r"(?<![\w.@-])(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d{1,3}(?:\[?\.\]?\d{1,3}){3}|[a-z0-9-]+(?:\[?\.\]?[a-z0-9-]+)*\[?\.\]?[a-z]{2,12})(?![\w@-])",
        re.I,
    ),
    "words": re.compile(r"\w{2,}"),
}
PIECE = re.compile(r"[0-9a-fA-F]{3,}")
LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\xa0": " "}


def with_pdfium(path):
    """Prints the text of `path`: run as a process of its own, as the others are."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for page in document:
        text = page.get_textpage().get_text_range()
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


def run(command, given=os.devnull):
    """The output of `command`, which is handed the file `given`, its seconds of CPU time and of wall-clock time, and
    its peak memory in bytes."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    begin = time.perf_counter()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with open(given, "rb") as stdin, subprocess.Popen(command, stdin=stdin, preexec_fn=limit, **pipes) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    return output.decode("utf-8", "replace"), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss << 10


def items(text):
    """What `text` holds, by kind. A soft hyphen inside a line is drawn, so it is a hyphen."""
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    text = text.replace("\x00", "").replace("\ufffe", "-").replace("\x02", "-").replace("\xad", "-")
    found = {kind: set(pattern.findall(text)) for kind, pattern in KINDS.items()}
    found["URLs"] = {url.rstrip(".,;:)]}'\u2019") for url in found["URLs"]}
    return found


def is_part(kind, item, mine, alone):
    """Whether `item` is a piece of a wrapped value that is found whole: a word, of one that no peer has."""
    if kind == "words" and not PIECE.fullmatch(item):
        return any(item in url for url in alone["URLs"])
    return any(item in value for whole in ("hashes", "URLs") for value in mine[whole])


def agreement(path, readers, ours, missing):
    """For each kind: things two peers agree on, those of them that are found, things found, those that no peer has."""
    texts = [items(run(command(path))[0]) for command in readers.values()]
    mine = items(run(ours(path))[0])
    counts = {}
    alone_of = {kind: mine[kind].difference(*(found[kind] for found in texts)) for kind in KINDS}
    for kind in KINDS:
        votes = [found[kind] for found in texts]
        agreed = {item for vote in votes for item in vote if sum(item in other for other in votes) >= 2}
        missed = {item for item in agreed - mine[kind] if not is_part(kind, item, mine, alone_of)}
        alone = alone_of[kind]
        counts[kind] = (len(agreed), len(agreed) - len(missed), len(mine[kind]), len(alone))
        if missing:
            for item in sorted(missed):
                print(f"{path.name}: missed {kind}: {item}", file=sys.stderr)
            for item in sorted(alone):
                print(f"{path.name}: alone {kind}: {item}", file=sys.stderr)
    return counts


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def reader(binary, path):
    """What the service runs for a document: src/worker/sandbox/mod.rs, `Request`."""
    limits = {"memory": 512 << 20, "cpu_seconds": 20, "wall_seconds": 60, "output": 128 << 20}
    request = {"name": path.name, "url": None, "length": path.stat().st_size, "pictures": "none", "limits": limits}
    return [binary, "__read", json.dumps(request | {"locks_required": True, "rules": []})]


def cost(paths, readers, text, binary):
    """Prints what reading costs, the least of three runs for each document."""
    inside, peaks = [], []
    for path in paths:
        runs = [run([text, "--cost", path])[0].split() for _ in range(3)]
        inside.append(min((float(r[0]) for r in runs if r), default=0.0) / 1000)
        peaks.append(max((int(r[1]) for r in runs if r), default=0))
    rows = [("inside the process", sum(inside), median(inside), max(inside), None, max(peaks))]
    commands = dict(readers)
    commands["a reader of the service: spawn, sandbox and indicators included"] = lambda path: reader(binary, path)
    commands["iocsift extract: the same, and a process that starts it"] = lambda path: [binary, "extract", path]
    for path in paths:
        if not run(reader(binary, path), path)[0].startswith('{"locks":'):
            sys.exit(f"a reader does not answer for {path}")
    for name, command in commands.items():
        runs = [[run(command(path), path)[1:] for _ in range(3)] for path in paths]
        cpu = [min(r[0] for r in each) for each in runs]
        wall = [min(r[1] for r in each) for each in runs]
        rows.append((name, sum(cpu), median(cpu), max(cpu), sum(wall), max(r[2] for each in runs for r in each)))
    print("\n| | CPU s in total | ms median | ms worst | wall-clock s in total | peak MB |\n| --- | --- | --- | --- | --- | --- |")
    for name, total, middle, worst, wall, peak in rows:
        wall = "-" if wall is None else f"{wall:.2f}"
        print(f"| {name} | {total:.2f} | {middle * 1000:.1f} | {worst * 1000:.0f} | {wall} | {peak / 2**20:.0f} |")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--pdfium":
        return with_pdfium(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", type=Path, default=Path(__file__).parent.parent / "target/release")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--no-cost", action="store_true")
    options = parser.parse_args()
    text, binary = options.target / "examples/text", options.target / "iocsift"
    readers = {
        "pdftotext -raw": lambda path: ["pdftotext", "-raw", path, "-"],
        "pypdfium2": lambda path: [sys.executable, __file__, "--pdfium", path],
        "mutool": lambda path: ["mutool", "draw", "-q", "-F", "txt", "-o", "-", path],
    }
    paths = sorted(options.folder.rglob("*.pdf"))
    total = {kind: [0, 0, 0, 0] for kind in KINDS}
    for path in paths:
        for kind, counts in agreement(path, readers, lambda p: [text, "--plain", p], options.missing).items():
            total[kind] = [sum(pair) for pair in zip(total[kind], counts)]
    print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB\n")
    print("| | two of three agree | of these found | share | found in all | that no peer has |\n| --- | --- | --- | --- | --- | --- |")
    for kind, (agreed, both, found, alone) in total.items():
        print(f"| {kind} | {agreed} | {both} | {100 * both / max(agreed, 1):.2f} % | {found} | {alone} |")
    if not options.no_cost:
        cost(paths, readers, text, binary)
    return 0


if __name__ == "__main__":
    sys.exit(main())
