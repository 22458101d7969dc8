"""One Python extractor over the documents of a file: peers.py NAME FILE SECONDS

A zero ends each document. Prints the bytes read, the seconds of CPU time they took and the indicators found, and stops
at the first document after SECONDS. The exit code is 3 where the extractor is not installed.
"""

import sys
import time

NOT_INSTALLED = 3


def ioc_finder():
    from ioc_finder import find_iocs
    from ioc_finder.ioc_finder import SUPPORTED_IOC_TYPES

    return lambda text: sum(len(values) for values in find_iocs(text, included_ioc_types=SUPPORTED_IOC_TYPES).values())


def iocsearcher():
    from iocsearcher.searcher import Searcher

    searcher = Searcher()
    return lambda text: len(searcher.search_data(text))


def iocextract():
    import iocextract as peer

    return lambda text: sum(1 for _ in peer.extract_iocs(text, refang=True))


def iocparser_tool():
    from iocparser import IOCExtractor

    extractor = IOCExtractor(defang=False)
    return lambda text: sum(len(values) for values in extractor.extract_all(text).values())


PEERS = {
    "ioc-finder": ioc_finder,
    "iocsearcher": iocsearcher,
    "iocextract": iocextract,
    "iocparser-tool": iocparser_tool,
}


def main(name, file, seconds):
    try:
        extract = PEERS[name]()
    except ImportError:
        return NOT_INSTALLED
    with open(file, encoding="utf-8") as stream:
        documents = stream.read().split("\0")
    # What is compiled at first use is no part of the rate.
    extract("192.0.2[.]1 hxxp://evil[.]example[.]com/a d41d8cd98f00b204e9800998ecf8427e")
    read = found = 0
    start = time.process_time()
    for document in documents:
        found += extract(document)
        read += len(document.encode())
        if time.process_time() - start > seconds:
            break
    print(read, time.process_time() - start, found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
