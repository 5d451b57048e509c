#!/usr/bin/env python3
"""Copies what a MySQL wrote in a time from its binary logs, for a replica to apply.

    spymission-binary-logs DATA FROM UNTIL TARGET

DATA is the folder of the database; nothing is written there. FROM is when the backup was begun, and UNTIL
the moment that is wanted, in seconds since 1970. TARGET gets replay.index and the files that it lists. The
first transaction that was begun after UNTIL is not in them, and nothing behind it. Prints where to begin in
the first file, the name of the last one, and where it ends; nothing if nothing was written.

The format: "Binary Log Event" in the MySQL Source Code Documentation.
"""

import datetime
import itertools
import math
import os
import shutil
import struct
import sys

MAGIC = b"\xfebin"
# When, type, server, length, position of the next event, flags.
HEADER = struct.Struct("<IBIIIH")
QUERY = 2
# A transaction begins with one of these: with a number, without one, with a named one. It ends with its
# commit, is one compressed event, or is a statement that is not BEGIN.
BEGINS = (33, 34, 42)
ENDS = (16, 40)
# What was begun so many seconds before the backup may have been written after it. What is in the backup
# already is the same row again.
MARGIN = 60
# spymission-restore exchanges all tables by one statement, which a replica of one schema does not apply.
RESTORE = (b"RENAME TABLE", b"spymission_replaced")


def events(file):
    """Begin, end, time, type and statement of each whole event. A server that writes may not have finished
    the last."""
    size = os.fstat(file.fileno()).st_size
    begin = len(MAGIC)
    while begin + HEADER.size <= size:
        file.seek(begin)
        when, kind, _, length, _, _ = HEADER.unpack(file.read(HEADER.size))
        if length < HEADER.size:
            sys.exit(f"{file.name} has an event of {length} bytes at {begin}")
        if begin + length > size:
            return
        said = file.read(length - HEADER.size) if kind == QUERY else b""
        yield begin, begin + length, when, kind, said
        begin += length


def opened(path):
    file = open(path, "rb")
    if file.read(len(MAGIC)) != MAGIC:
        sys.exit(f"{path} is no binary log, or it is encrypted")
    return file


def shown(when):
    return f"{datetime.datetime.fromtimestamp(when, datetime.timezone.utc):%F %T} UTC"


def made(path):
    """When a log was begun: the time of its first event."""
    with opened(path) as file:
        return next((when for _, _, when, _, _ in events(file)), math.inf)


def needed(logs, since):
    """Those that may hold something of after `since`."""
    times = [made(log) for log in logs]
    if not times or times[0] > since:
        begins = shown(times[0]) if times and times[0] < math.inf else "later"
        sys.exit(f"the binary logs begin at {begins}, after the backup: make a new one")
    earlier = sum(1 for _ in itertools.takewhile(lambda time: time <= since - MARGIN, times))
    return logs[max(earlier - 1, 0) :]


def part(file, since, until):
    """Where the transactions of this time begin and end in a log; whether all before it are in the backup,
    and whether later ones follow."""
    begin, end, inside, restored = None, None, False, False
    for first, last, when, kind, said in events(file):
        if kind in BEGINS:
            if when > until:
                return begin, end, restored, True
            inside = True
            if begin is None and when >= since - MARGIN:
                begin = first
        elif kind == QUERY and all(word in said for word in RESTORE):
            if when > since:
                sys.exit(f"a restore was made at {shown(when)}: it needs a backup after that")
            begin, end, inside, restored = None, None, False, True
        elif kind in ENDS or (kind == QUERY and b"BEGIN" not in said[-12:]):
            inside = False
        if begin is not None and not inside:
            end = last
    return begin, end, restored, False


def copy(file, target):
    file.seek(0)
    with open(target, "wb") as to:
        shutil.copyfileobj(file, to)


def main(data, since, until, target):
    with open(os.path.join(data, "binlog.index"), encoding="utf-8") as index:
        logs = [os.path.join(data, line.strip()) for line in index if line.strip()]
    names, start, stop = [], None, None
    for log in needed(logs, since):
        with opened(log) as file:
            begin, end, restored, over = part(file, since, until)
            if restored:
                names, start = [], None
            if begin is not None and end is not None:
                names.append(f"replay.{len(names) + 1:06}")
                start, stop = start or begin, end
                copy(file, os.path.join(target, names[-1]))
        if over:
            break
    with open(os.path.join(target, "replay.index"), "w", encoding="utf-8") as index:
        index.writelines(f"./{name}\n" for name in names)
    if names:
        os.truncate(os.path.join(target, names[-1]), stop)
        print(start, names[-1], stop)


if len(sys.argv) != 5:
    sys.exit(__doc__)
main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
