#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the demo with kill -9 at random moments and goes on with the same command, then compares the digest of its report
with that of an undisturbed demo. Exits with 1 when they differ.

    kill_test.py build/release/pilothouse                     # the whole year, 20 kills
    kill_test.py build/release/pilothouse --days 120 -n 5     # a slice
    kill_test.py build/dev/tests/engine/replay_tool --tool    # the test's own small program
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def command(args, out):
    start = [args.program] if args.tool else [args.program, "demo", "--headless"]
    days = ["--days", str(args.days)] if args.days else []
    return start + ["--speed", "max", "--out", str(out)] + days


def run(args, out, kill_after=None):
    """True when the program ended by itself; False when it was killed. Fails when it ended with an error."""
    log = open(pathlib.Path(str(out) + ".log"), "ab")
    process = subprocess.Popen(command(args, out), stdout=log, stderr=log, start_new_session=True)
    try:
        code = process.wait(timeout=kill_after)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return False
    if code != 0:
        sys.exit(f"{' '.join(command(args, out))} ended with {code}; its output is in {out}.log")
    return True


def digest(out):
    return json.loads((out / "report.json").read_text())["digest"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--tool", action="store_true", help="the program takes --out and --days without 'demo --headless'")
    parser.add_argument("-n", type=int, default=20, help="kills (20)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (1)")
    parser.add_argument("--days", type=int, default=0, help="a slice of so many days instead of the year")
    parser.add_argument("--keep", help="folder to work in, left there (a temporary one)")
    args = parser.parse_args()
    moments = random.Random(args.seed)
    work = pathlib.Path(args.keep or tempfile.mkdtemp(prefix="kill-test-"))
    work.mkdir(parents=True, exist_ok=True)

    plain = work / "undisturbed"
    begin = time.monotonic()
    run(args, plain)
    whole = time.monotonic() - begin
    expected = digest(plain)
    print(f"undisturbed: {whole:.1f} s, digest {expected}", flush=True)

    kills, copy, wrong = 0, 0, 0
    while kills < args.n:
        copy += 1
        out = work / f"killed-{copy}"
        here = 0
        while True:
            # On average about six kills a copy; a fifth of them early, while it starts, opens and reads.
            wait = moments.uniform(0, 0.1 * whole) if moments.random() < 0.2 else moments.uniform(0, 0.5 * whole)
            if run(args, out, wait if kills < args.n else None):
                break
            kills += 1
            here += 1
        same = digest(out) == expected
        wrong += not same
        print(f"copy {copy}: {here} kills, digest {'equal' if same else digest(out) + ' DIFFERS'}", flush=True)
    print(f"{kills} kills in {copy} copies, {wrong} digests differ")
    if not args.keep and not wrong:
        shutil.rmtree(work)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
