#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks DuckDB, ClickHouse's engine (chdb) and ripgrep what bench_predictions asks the prediction log.

Usage: peers_predictions.py SPEC.json
Prints one JSON object a line: {"peer", "figure", "ms", "cold", "answer"} or {"peer", "skipped"}.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

SPEC = json.load(open(sys.argv[1]))
ROWS, FOLDER, LINES, RUNS = SPEC["jsonl"], SPEC["folder"], SPEC["rows"], SPEC["runs"]
NUMERIC = SPEC["numeric"]
TEXT = SPEC["text"]
WINDOW = f"time >= TIMESTAMP '{SPEC['from']}' AND time < TIMESTAMP '{SPEC['to']}'"


def say(**what):
    print(json.dumps(what), flush=True)


def clock(work):
    start = time.perf_counter()
    answer = work()
    return (time.perf_counter() - start) * 1e3, answer


def drop_pages(path):
    for folder, _, names in os.walk(path) if os.path.isdir(path) else [("", "", [path])]:
        for name in names:
            try:
                handle = os.open(os.path.join(folder, name), os.O_RDONLY)
            except FileNotFoundError:  # a merge took it away meanwhile
                continue
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def ask(peer, figure, work, canonical, cold):
    cold()
    first, answer = clock(work)
    times = [clock(work)[0] for _ in range(RUNS)]
    say(peer=peer, figure=figure, ms=statistics.median(times), cold=first, answer=canonical(answer))


def ids(rows):
    return ",".join(str(r[0]) for r in rows)


def numbers(rows):
    return ";".join(" ".join(x if isinstance(x, str) else f"{x:.6g}" for x in row) for row in rows)


def duckdb_peer():
    import duckdb

    path = os.path.join(FOLDER, "peer.duckdb")
    base = duckdb.connect(path, config={"memory_limit": SPEC.get("memory", "12GB")})
    columns = {"time": "TIMESTAMP", **{t: "VARCHAR" for t in TEXT}, **{n: "DOUBLE" for n in NUMERIC}}
    listed = ", ".join(f"'{k}': '{v}'" for k, v in columns.items())
    load, _ = clock(lambda: base.execute(f"CREATE TABLE p AS SELECT * FROM read_json('{ROWS}', format='newline_delimited', columns={{{listed}}})"))
    base.execute("CHECKPOINT")
    say(peer="duckdb", figure="load", ms=load, cold=load, answer="")
    say(peer="duckdb", figure="size", ms=os.path.getsize(path), cold=0, answer="")
    state = {"c": base}

    def cold():
        state["c"].close()
        drop_pages(path)
        state["c"] = duckdb.connect(path, config={"memory_limit": SPEC.get("memory", "12GB")})

    def run(sql):
        return lambda: state["c"].execute(sql).fetchall()

    order = "ORDER BY time DESC, rowid DESC LIMIT 100"
    everything = "request_id, * EXCLUDE (request_id)"
    ask("duckdb", "present", run(f"SELECT {everything} FROM p WHERE request_id = '{SPEC['present']}'"), ids, cold)
    ask("duckdb", "absent", run(f"SELECT {everything} FROM p WHERE request_id = '{SPEC['absent']}'"), ids, cold)
    ask("duckdb", "newest", run(f"SELECT {everything} FROM p WHERE model = 'fraud' AND latency_ms > {SPEC['latency']} AND {WINDOW} {order}"), ids, cold)
    for figure in ("frequent", "rare"):
        word = SPEC[figure]
        ask("duckdb", figure, run(f"SELECT {everything} FROM p WHERE contains(message, ' {word}') {order}"), ids, cold)
    ask("duckdb", "substring", run(f"SELECT count(*) FROM p WHERE contains(message, '{SPEC['substring']}')"), ids, cold)
    ask("duckdb", "histogram", run("SELECT least(greatest(floor(feature_00 / 5)::INT, -1), 20) b, count(*) n FROM p WHERE feature_00 IS NOT NULL GROUP BY b ORDER BY b"),
        lambda rows: ",".join(f"{b}:{n}" for b, n in rows), cold)
    ask("duckdb", "percentiles", run("SELECT model, quantile_cont(latency_ms, 0.5), quantile_cont(latency_ms, 0.95), quantile_cont(latency_ms, 0.99) FROM p GROUP BY model ORDER BY model"),
        numbers, cold)
    ask("duckdb", "count", run(f"SELECT count(*) FROM p WHERE latency_ms > {SPEC['latency']} AND region = '{SPEC['region']}'"), ids, cold)
    ask("duckdb", "top", run("SELECT merchant, count(*) n FROM p GROUP BY merchant ORDER BY n DESC, merchant LIMIT 10"),
        lambda rows: ",".join(f"{b}:{n}" for b, n in rows), cold)
    state["c"].close()
    os.remove(path)


def chdb_peer():
    from chdb import session

    folder = os.path.join(FOLDER, "peer.chdb")
    s = session.Session(folder)
    columns = ", ".join(["time DateTime64(3, 'UTC')"] + [f"{t} String" for t in TEXT] + [f"{n} Nullable(Float64)" for n in NUMERIC])
    s.query("CREATE DATABASE b ENGINE = Atomic")
    s.query(f"CREATE TABLE b.p ({columns}) ENGINE = MergeTree ORDER BY time")
    load, _ = clock(lambda: s.query(f"INSERT INTO b.p SELECT * FROM file('{ROWS}', 'JSONEachRow', $${columns}$$) SETTINGS date_time_input_format='best_effort'"))
    say(peer="chdb", figure="load", ms=load, cold=load, answer="")
    size = s.query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'p'", "TabSeparated")
    say(peer="chdb", figure="size", ms=float(str(size).strip()), cold=0, answer="")

    def run(sql):
        def work():
            text = s.query(sql, "JSONCompactEachRow")
            return [json.loads(line) for line in str(text).splitlines()]
        return work

    def cold():
        drop_pages(folder)

    order = "ORDER BY time DESC LIMIT 100"
    window = f"time >= toDateTime64('{SPEC['from']}', 3, 'UTC') AND time < toDateTime64('{SPEC['to']}', 3, 'UTC')"
    everything = "request_id, * EXCEPT (request_id)"
    # The order of equal times is not ours there: these answers are compared as sets by the caller where it matters.
    ask("chdb", "present", run(f"SELECT {everything} FROM b.p WHERE request_id = '{SPEC['present']}'"), ids, cold)
    ask("chdb", "newest", run(f"SELECT {everything} FROM b.p WHERE model = 'fraud' AND latency_ms > {SPEC['latency']} AND {window} {order}"), ids, cold)
    ask("chdb", "rare", run(f"SELECT {everything} FROM b.p WHERE position(message, ' {SPEC['rare']}') > 0 {order}"), ids, cold)
    ask("chdb", "substring", run(f"SELECT toUInt32(count()) FROM b.p WHERE position(message, '{SPEC['substring']}') > 0"), ids, cold)
    ask("chdb", "histogram", run("SELECT toInt32(least(greatest(floor(feature_00 / 5), -1), 20)) b, toUInt32(count()) n FROM b.p WHERE feature_00 IS NOT NULL GROUP BY b ORDER BY b"),
        lambda rows: ",".join(f"{b}:{n}" for b, n in rows), cold)
    ask("chdb", "percentiles", run("SELECT model, quantileExactInclusive(0.5)(latency_ms), quantileExactInclusive(0.95)(latency_ms), quantileExactInclusive(0.99)(latency_ms) FROM b.p GROUP BY model ORDER BY model"),
        numbers, cold)
    s.close()
    shutil.rmtree(folder, ignore_errors=True)


def ripgrep_peer():
    if not shutil.which("rg"):
        raise ImportError("ripgrep is not installed")

    def work():
        done = subprocess.run(["rg", "-c", "-F", SPEC["substring"], ROWS], capture_output=True, text=True)
        return [[int(done.stdout.strip() or 0)]]

    ask("ripgrep", "substring", work, ids, lambda: drop_pages(ROWS))


for name, peer in (("duckdb", duckdb_peer), ("chdb", chdb_peer), ("ripgrep", ripgrep_peer)):
    if SPEC.get("only") and name not in SPEC["only"]:
        continue
    try:
        peer()
    except ImportError as error:
        say(peer=name, skipped=str(error))
    except Exception as error:  # a peer that fails is named, and the others go on
        say(peer=name, skipped=f"failed: {error}"[:500])
