#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What river's change detectors say, value by value, written to data/streams.json.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy river
    /tmp/venv/bin/python tests/statistics/make_streams.py
"""
import json
import pathlib

import numpy as np
import river
from river import drift

rng = np.random.default_rng(2007)


def streams():
    yield "jump", np.concatenate([rng.normal(0, 1, 700), rng.normal(1.5, 1, 700), rng.normal(1.5, 1, 500)])
    yield "there and back", np.concatenate([rng.uniform(0, 1, 600), rng.uniform(0.5, 1.5, 600), rng.uniform(0, 1, 600)])
    yield "error rate", (rng.uniform(size=2400) < np.repeat([0.1, 0.3, 0.05], 800)).astype(float)
    yield "slope", rng.normal(0, 0.5, 2000) + np.linspace(0, 3, 2000)
    yield "nothing", rng.normal(5, 2, 1500)
    yield "constant", np.full(400, 3.25)
    yield "one jump of a constant", np.repeat([1.0, 2.0], 300)


def adwin(values, **options):
    detector, events, widths, means = drift.ADWIN(**options), [], [], []
    for i, x in enumerate(values):
        detector.update(x)
        if detector.drift_detected:
            events.append(i)
        widths.append(int(detector.width))
        means.append(detector.estimation)
    # Every width, as runs: it grows by one but where something was dropped.
    drops = [[i, w] for i, w in enumerate(widths) if i == 0 or w != widths[i - 1] + 1]
    return {"events": events, "widths": drops, "mean": float(means[-1]), "variance": float(detector.variance)}


def page_hinkley(values, **options):
    detector, events = drift.PageHinkley(**options), []
    for i, x in enumerate(values):
        detector.update(x)
        if detector.drift_detected:
            events.append(i)
    return events


def ddm(values):
    detector, drifts, warnings = drift.binary.DDM(), [], []
    for i, x in enumerate(values):
        detector.update(int(x))
        if detector.drift_detected:
            drifts.append(i)
        if detector.warning_detected:
            warnings.append(i)
    return {"drifts": drifts, "warnings": warnings}


cases = []
for name, values in streams():
    values = np.round(values, 3)
    case = {"name": name, "values": [float(v) for v in values], "adwin": adwin(values),
            "adwin_often": adwin(values, delta=0.1, clock=8, max_buckets=3, min_window_length=3, grace_period=20),
            "page_hinkley": page_hinkley(values),
            "page_hinkley_low": page_hinkley(values, threshold=8, delta=0.05, min_instances=40),
            "page_hinkley_up": page_hinkley(values, threshold=8, delta=0.05, mode="up"),
            "page_hinkley_down": page_hinkley(values, threshold=8, delta=0.05, mode="down")}
    if set(np.unique(values)) <= {0.0, 1.0}:
        case["ddm"] = ddm(values)
    cases.append(case)
reference = {"numpy": np.__version__, "river": river.__version__, "streams": cases}
path = pathlib.Path(__file__).parent / "data" / "streams.json"
path.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"') + "\n")
print(path, path.stat().st_size, "bytes")
for c in cases:
    print(c["name"], c["adwin"]["events"], c["adwin_often"]["events"], c["page_hinkley"], c["page_hinkley_low"], [len(v) for v in c.get("ddm", {}).values()])
