#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks Evidently (0.7) and NannyML about the windows that bench_statistics wrote.

Usage: peers_statistics.py FOLDER            false alarms and power by the packages themselves
       peers_statistics.py FOLDER --preset   Evidently's default drift preset on its rows: time and memory

FOLDER/windows.jsonl: {"kind", "change", "n", "round", "categorical", "reference": FILE, "current": FILE, "ours": bool,
"evidently_rule": number}; FOLDER/columns.jsonl: {"name", "categorical"}, rows in NAME.r and NAME.c; files of little-endian doubles, codes of categories among them. Prints one JSON object a
line: {"peer", "kind", "change", "n", "alarm", "ours", "value", "expected"}, or {"peer", "skipped"}.
"""
import json
import os
import resource
import sys
import time
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # nothing of this leaves the machine
os.environ["DO_NOT_TRACK"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

warnings.simplefilter("ignore")
FOLDER = sys.argv[1]


def say(**what):
    print(json.dumps(what), flush=True)


def column(name, categorical):
    values = np.fromfile(os.path.join(FOLDER, name), "<f8")
    if not categorical:
        return pd.Series(values)
    return pd.Series([None if np.isnan(v) else f"value {int(v)}" for v in values], dtype=object)


def evidently_alarm():
    from evidently.legacy.calculations.stattests.registry import _get_default_stattest
    from evidently.legacy.core import ColumnType

    def ask(reference, current, categorical, n):
        kind = ColumnType.Categorical if categorical else ColumnType.Numerical
        reference, current = reference.dropna(), current.dropna()
        test = _get_default_stattest(reference, current, kind)
        result = test.func(reference, current, kind, test.default_threshold)
        return bool(result[1]), float(result[0])

    return ask


def nannyml_alarm():
    import nannyml

    def ask(reference, current, categorical, n):
        # Its defaults: Jensen-Shannon, thresholds three standard deviations around the mean of the reference's chunks.
        frame = lambda x: pd.DataFrame({"x": x.astype("category") if categorical else x})
        calculator = nannyml.UnivariateDriftCalculator(
            column_names=["x"], chunker=nannyml.SizeBasedChunker(chunk_size=n, incomplete="drop"))
        calculator.fit(frame(reference))
        result = calculator.calculate(frame(current)).filter(period="analysis").to_df()
        row = result["x"]["jensen_shannon"].iloc[0]
        return bool(row["alert"]), float(row["value"])

    return ask


def windows():
    peers = []
    for name, make in (("Evidently", evidently_alarm), ("NannyML", nannyml_alarm)):
        try:
            peers.append((name, make()))
        except Exception as error:  # a peer that cannot be had is named, and the other goes on
            say(peer=name, skipped=str(error)[:300])
    for line in open(os.path.join(FOLDER, "windows.jsonl")):
        w = json.loads(line)
        reference, current = column(w["reference"], w["categorical"]), column(w["current"], w["categorical"])
        for name, ask in peers:
            try:
                alarm, value = ask(reference, current, w["categorical"], w["n"])
            except Exception as error:
                say(peer=name, failed=f"{w['kind']}, n = {w['n']}: {error}"[:300])
                continue
            say(peer=name, kind=w["kind"], change=w["change"], n=w["n"], alarm=alarm, ours=w["ours"], value=value,
                expected=w["evidently_rule"] if name == "Evidently" else None)


def preset():
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    columns = [json.loads(line) for line in open(os.path.join(FOLDER, "columns.jsonl"))]

    def frame(which):
        return pd.DataFrame({c["name"]: column(f"{c['name']}.{which}", c["categorical"]) for c in columns})

    reference, current = frame("r"), frame("c")
    definition = DataDefinition(numerical_columns=[c["name"] for c in columns if not c["categorical"]],
                                categorical_columns=[c["name"] for c in columns if c["categorical"]])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, processor = time.perf_counter(), time.process_time()
    Report([DataDriftPreset()]).run(Dataset.from_pandas(current, definition), Dataset.from_pandas(reference, definition))
    say(peer="Evidently", preset=True, seconds=time.perf_counter() - wall, processor=time.process_time() - processor,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before)


preset() if "--preset" in sys.argv else windows()
