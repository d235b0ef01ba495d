#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""NannyML's data reconstruction drift, written to data/reconstruction.json.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scikit-learn 'pandas<3' nannyml
    /tmp/venv/bin/python tests/statistics/make_reconstruction.py
"""
import json
import pathlib
import warnings

import nannyml
import numpy as np
import pandas as pd
import sklearn

warnings.simplefilter("ignore")
rng = np.random.default_rng(1901)
CHUNK = 100


def table(n, broken):
    """Three columns that go together, one that does not, one category; `broken`: each column alone looks the same."""
    common = rng.normal(size=n)
    other = rng.normal(size=n) if broken else common
    data = pd.DataFrame({"a": common + 0.3 * rng.normal(size=n), "b": 5 - 2 * other + 0.5 * rng.normal(size=n),
                         "c": 100 * common + 20 * rng.normal(size=n), "d": rng.exponential(size=n)}).round(4)
    data["e"] = pd.Categorical(rng.choice(["x", "y", "z"], n, p=[0.6, 0.3, 0.1]))
    for column in ("a", "d"):
        data.loc[rng.uniform(size=n) < 0.05, column] = np.nan
    data.loc[rng.uniform(size=n) < 0.05, "e"] = np.nan
    return data


def columns(data):
    out = {c: [None if np.isnan(v) else float(v) for v in data[c]] for c in "abcd"}
    return out | {"e": [{"x": 0, "y": 1, "z": 2}.get(v, 4294967295) for v in data["e"]]}


reference, same, broken = table(800, False), table(300, False), table(300, True)
calculator = nannyml.DataReconstructionDriftCalculator(column_names=list("abcde"), chunk_size=CHUNK)
calculator.fit(reference.copy())
errors = calculator.result.filter(period="reference").to_df()[("reconstruction_error", "value")]
cases = []
for name, data in (("same", same), ("broken", broken)):
    row = calculator._calculate_dre_results(data.copy())
    cases.append({"name": name, "columns": columns(data), "error": float(row[0]),
                  "sampling_error": float(row[1] / np.sqrt(len(data)))})
out = {"nannyml": nannyml.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__, "chunk": CHUNK,
       "reference": columns(reference), "components": int(calculator._pca.n_components_),
       "chunks": [float(v) for v in errors], "lower": float(calculator.lower_threshold_value),
       "upper": float(calculator.upper_threshold_value), "cases": cases}
path = pathlib.Path(__file__).parent / "data" / "reconstruction.json"
path.write_text(json.dumps(out, separators=(",", ":")).replace('],"', '],\n"') + "\n")
print(path, path.stat().st_size, "bytes", out["components"], out["lower"], out["upper"], [c["error"] for c in cases])
