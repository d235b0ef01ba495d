#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a program that appends to, seals, compacts, retains and erases from a prediction log with kill -9 at random
moments, and compares what the file holds with what was acknowledged: every acknowledged row is there once, no erased row
comes back, what was begun happened whole or not at all, and verify finds nothing. Exits with 1 otherwise.

    store_kill_test.py build/release/tests/predictions/store_tool             # 20 kills
    store_kill_test.py build/release/tests/predictions/store_tool -n 500
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time


class Expected:
    """What the file must hold: rows known to be there, and rows of which either is right."""

    def __init__(self):
        self.rows = set()
        self.maybe = []  # sets of rows that are there all or not at all
        self.may_go = set()  # rows that an erasure or retention in hand may have taken
        self.erased = set()
        self.next = 0
        self.operation = ""

    def hear(self, line):
        words = line.split()
        if words[:1] == ["ready"]:
            return
        begin, operation, numbers = words[0] == "begin", words[1], [int(w) for w in words[2:]]
        self.operation = operation if begin else ""
        if operation == "append":
            rows = set(range(numbers[0], numbers[1]))
            self.maybe = [rows] if begin else []
            self.next = max(self.next, numbers[1])
            if not begin:
                self.rows |= rows
        elif operation in ("erase", "retain"):
            gone = {numbers[0]} if operation == "erase" else {r for r in self.rows if r < numbers[0]}
            self.may_go = gone if begin else set()
            if not begin:
                self.rows -= gone
                self.erased |= gone

    def compare(self, found, counts):
        """The contradictions; afterwards the file's state is the expected one."""
        wrong = [f"row {r} is there {n} times" for r, n in counts.items() if n != 1]
        missing = self.rows - self.may_go - found
        wrong += [f"{len(missing)} acknowledged rows are missing, one is {min(missing)}"] if missing else []
        back = found & self.erased
        wrong += [f"{len(back)} erased rows came back, one is {min(back)}"] if back else []
        extra = found - self.rows
        for rows in self.maybe:
            if extra & rows and not rows <= found:
                wrong.append(f"half an append is there: {len(extra & rows)} of {len(rows)} rows")
            extra -= rows
        extra -= self.erased
        wrong += [f"{len(extra)} rows that nobody appended, one is {min(extra)}"] if extra else []
        self.erased |= self.may_go - found
        self.rows, self.maybe, self.may_go, self.operation = set(found), [], set(), ""
        return wrong


def run_and_kill(tool, file, seed, expected, wait):
    """Returns what was in hand when it was killed."""
    process = subprocess.Popen([tool, file, "--run", str(seed), str(expected.next)], stdout=subprocess.PIPE,
                               start_new_session=True)
    timer = None
    for raw in process.stdout:  # also what it said before its end
        if timer is None:  # the time runs from when it is ready
            timer = threading.Timer(wait, lambda: os.kill(process.pid, signal.SIGKILL))
            timer.start()
        line = raw.decode()
        if line.endswith("\n"):
            expected.hear(line)
    code = process.wait()
    if timer:
        timer.cancel()
    if code != -signal.SIGKILL:
        sys.exit(f"{tool} ended by itself with {code}")
    return expected.operation or "nothing"


def look(tool, file):
    listing = subprocess.run([tool, file, "--list"], stdout=subprocess.PIPE, check=False)
    if listing.returncode != 0:
        return set(), {}, [f"{tool} --list ended with {listing.returncode}"]
    counts, wrong = {}, []
    for line in listing.stdout.decode().splitlines():
        words = line.split()
        if words[0] == "row":
            counts[int(words[1])] = int(words[2])
        elif line != "problems 0":
            wrong.append(line)
    return set(counts), counts, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("-n", type=int, default=20, help="kills (20)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and of what is done (1)")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many, however many kills that were")
    parser.add_argument("--keep", help="folder to work in, left there (a temporary one)")
    args = parser.parse_args()
    moments = random.Random(args.seed)
    work = pathlib.Path(args.keep or tempfile.mkdtemp(prefix="store-kill-"))
    work.mkdir(parents=True, exist_ok=True)
    file = str(work / "killed.pilothouse")
    expected, during, contradictions, kills = Expected(), {}, 0, 0
    begin = time.monotonic()
    while kills < args.n and (args.seconds == 0 or time.monotonic() - begin < args.seconds):
        # Many short lives, some long enough for all that happens only to a large log.
        wait = moments.uniform(0, 0.2) if moments.random() < 0.5 else moments.uniform(0, 2)
        operation = run_and_kill(args.tool, file, args.seed * 1_000_003 + kills, expected, wait)
        kills += 1
        during[operation] = during.get(operation, 0) + 1
        found, counts, wrong = look(args.tool, file)
        wrong += expected.compare(found, counts)
        for text in wrong:
            print(f"after kill {kills}, during {operation}: {text}", flush=True)
        contradictions += len(wrong)
        if wrong:
            break
    told = ", ".join(f"{n} during {name}" for name, n in sorted(during.items()))
    print(f"{kills} kills in {time.monotonic() - begin:.0f} s ({told}), {len(expected.rows)} rows and "
          f"{len(expected.erased)} erased or retired at the end, {contradictions} contradictions")
    if not args.keep and not contradictions:
        shutil.rmtree(work)
    return 1 if contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
