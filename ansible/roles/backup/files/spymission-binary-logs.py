#!/usr/bin/env python3
"""Copies what a MySQL wrote in a time from its binary logs, for a replica to apply.

    spymission-binary-logs DATA FROM UNTIL TARGET

DATA is the folder of the database; nothing is written there. FROM is when the backup was begun, and UNTIL
the moment that is wanted, in seconds since 1970. TARGET gets replay.index and the files that it lists. The
first transaction that was begun after UNTIL is not in them, and nothing behind it. Prints the name and the
length of the last file.

The format: "Binary Log Event" in the MySQL Source Code Documentation.
"""

import datetime
import os
import struct
import sys

MAGIC = b"\xfebin"
# When, type, server, length, position of the next event, flags.
HEADER = struct.Struct("<IBIIIH")
# Each transaction begins with one of these: with a number, without one, with a named one.
BEGINS = (33, 34, 42)
# What was begun so many seconds before the backup may have been written after it. What is in the backup
# already is the same row again.
MARGIN = 60


def events(file):
    """Begin, time and type of each whole event. A server that writes may not have finished the last."""
    size = os.fstat(file.fileno()).st_size
    begin = len(MAGIC)
    while begin + HEADER.size <= size:
        file.seek(begin)
        when, kind, _, length, _, _ = HEADER.unpack(file.read(HEADER.size))
        if length < HEADER.size:
            sys.exit(f"{file.name} has an event of {length} bytes at {begin}")
        if begin + length > size:
            return
        yield begin, when, kind
        begin += length


def opened(path):
    file = open(path, "rb")
    if file.read(len(MAGIC)) != MAGIC:
        sys.exit(f"{path} is no binary log, or it is encrypted")
    return file


def made(path):
    """When a log was begun: the time of its first event."""
    with opened(path) as file:
        return next((when for _, when, _ in events(file)), 0)


def needed(logs, since):
    """Those that hold something of after `since`."""
    times = [made(log) for log in logs]
    if not times or times[0] > since:
        begins = datetime.datetime.fromtimestamp(times[0] if times else 0, datetime.timezone.utc)
        sys.exit(f"the binary logs begin at {begins:%F %T} UTC, after the backup: make a new one")
    earlier = sum(1 for time in times if time <= since - MARGIN)
    return logs[max(earlier - 1, 0) :]


def end(file, until):
    """Where the first transaction after `until` begins, or the last whole event ends."""
    last = len(MAGIC)
    for begin, when, kind in events(file):
        if kind in BEGINS and when > until:
            return begin, True
        last = begin
    file.seek(last)
    return last + HEADER.unpack(file.read(HEADER.size))[3], False


def copy(file, target, length):
    file.seek(0)
    with open(target, "wb") as to:
        while length > 0 and (block := file.read(min(length, 1 << 20))):
            to.write(block)
            length -= len(block)


def main(data, since, until, target):
    with open(os.path.join(data, "binlog.index"), encoding="utf-8") as index:
        logs = [os.path.join(data, line.strip()) for line in index if line.strip()]
    names = []
    for log in needed(logs, int(since)):
        with opened(log) as file:
            length, over = end(file, int(until))
            names.append(f"replay.{len(names) + 1:06}")
            copy(file, os.path.join(target, names[-1]), length)
        if over:
            break
    with open(os.path.join(target, "replay.index"), "w", encoding="utf-8") as index:
        index.writelines(f"./{name}\n" for name in names)
    print(names[-1], length)


if len(sys.argv) != 5:
    sys.exit(__doc__)
main(*sys.argv[1:])
