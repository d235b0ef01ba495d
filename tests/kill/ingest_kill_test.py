#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends `pilothouse ingest` with kill -9 at random moments and gives the same command again. Afterwards every row must be
there once, every unusable line must stand in quarantine once, and the workspace must be sound. Exits with 1 otherwise.

    ingest_kill_test.py build/release/pilothouse -n 60
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
import time

ROWS = 150_000


def write_rows(path):
    with open(path, "w") as out:
        for i in range(ROWS):
            out.write('{"time":%d,"model":"delay","request_id":"r%d","score":%.4f,"label":%d,"x":%d,"note":"%s"}\n'
                      % (1_700_000_000_000 + i, i, i % 997 / 997, i % 2, i, "word" * (i % 40)))
            if i % 50_000 == 7:
                out.write('{"time": not a row\n')


def answer(args, workspace, *words):
    done = subprocess.run([args.program, "--workspace", str(workspace), *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def ingest(args, workspace, rows, kill_after=None):
    """True when it ended by itself."""
    process = subprocess.Popen([args.program, "--workspace", str(workspace), "ingest", str(rows)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if process.wait(timeout=kill_after) != 0:
            sys.exit(f"ingest ended with {process.returncode}")
        return True
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("-n", type=int, default=20, help="kills (20)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (1)")
    args = parser.parse_args()
    moments = random.Random(args.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="ingest-kill-"))
    rows = work / "rows.jsonl"
    write_rows(rows)
    begin = time.monotonic()
    ingest(args, work / "undisturbed.pilothouse", rows)
    whole = time.monotonic() - begin

    kills, copies, wrong = 0, 0, 0
    while kills < args.n:
        workspace = work / f"copy-{copies}.pilothouse"
        copies += 1
        while not ingest(args, workspace, rows, moments.uniform(0, whole) if kills < args.n else None):
            kills += 1
        count = int(answer(args, workspace, "search", "--count", ""))
        labelled = int(answer(args, workspace, "search", "--count", "labelled"))
        kept = len(answer(args, workspace, "--json", "quarantine", "--limit", "1000").splitlines())
        answer(args, workspace, "verify", str(workspace))
        if (count, labelled, kept) != (ROWS, ROWS, 3):
            wrong += 1
            print(f"copy {copies}: {count} rows, {labelled} outcomes, {kept} in quarantine", flush=True)
    print(f"{kills} kills in {copies} copies, {wrong} wrong")
    if not wrong:
        shutil.rmtree(work)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
