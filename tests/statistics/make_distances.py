#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances and tests of SciPy, Evidently and NannyML for tests/statistics, written to data/distances.json.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scipy 'pandas<3' evidently nannyml
    /tmp/venv/bin/python tests/statistics/make_distances.py

The tests read the file only.
"""
import json
import pathlib
import warnings

import evidently
import nannyml
import numpy as np
import pandas as pd
import scipy
from evidently.legacy.calculations.stattests import registry  # noqa: F401 (fills the registry)
from evidently.legacy.calculations.stattests import (chi_stat_test, hellinger_stat_test, jensenshannon_stat_test,
                                                     psi_stat_test, wasserstein_stat_test)
from evidently.legacy.core import ColumnType
from nannyml.drift.univariate.methods import (ContinuousHellingerDistance, ContinuousJensenShannonDistance)
from nannyml.thresholds import ConstantThreshold
from scipy import special, stats
from scipy.spatial import distance

warnings.simplefilter("ignore")
rng = np.random.default_rng(1951)


def floats(values):
    return [float(v) for v in values]


def evidently_value(test, reference, current, kind=ColumnType.Numerical):
    return float(test.func(pd.Series(reference), pd.Series(current), kind, 0.1)[0])


def nannyml_value(method, reference, current):
    m = method(threshold=ConstantThreshold(), chunker=nannyml.chunk.SizeBasedChunker(len(reference)),
               computation_params=None)
    m._fit(pd.Series(reference))
    return float(m._calculate(pd.Series(current)))


def cramer_von_mises_tail(a, b):
    """SciPy's asymptotic p with the series summed to the end (SciPy stops at terms below 1e-7)."""
    n, m = len(a), len(b)
    total, k = n + m, n * m
    t = stats.cramervonmises_2samp(a, b, method="asymptotic").statistic
    variance = (total + 1) * (4 * k * total - 3 * (n**2 + m**2) - 2 * k) / (45 * total**2 * 4 * k)
    x = 1 / 6 + (t - (1 + 1 / total) / 6) / np.sqrt(45 * variance)
    j = np.arange(60)
    y = 4 * j + 1
    q = y**2 / (16 * x)
    terms = (np.exp(special.gammaln(j + 0.5) - special.gammaln(j + 1)) / (np.pi**1.5 * np.sqrt(x)) * np.sqrt(y)
             * np.exp(-q) * special.kv(0.25, q))
    return float(max(0, 1 - terms[np.isfinite(terms)].sum()))


def sample_pairs():
    yield "seven against five", rng.normal(size=7), rng.normal(0.8, 1, 5)
    yield "equal sizes", rng.normal(size=12), rng.normal(0.3, 2, 12)
    yield "twenty against eighteen", rng.normal(size=20), rng.normal(0.5, 1, 18)
    yield "shift", rng.normal(size=300), rng.normal(0.4, 1, 180)
    yield "same", rng.normal(size=250), rng.normal(size=400)
    yield "scale", rng.normal(size=400), rng.normal(0, 1.8, 150)
    yield "skewed", rng.exponential(size=350), rng.exponential(1.3, 220)
    yield "ties", rng.poisson(3, 200).astype(float), rng.poisson(3.6, 140).astype(float)
    yield "many ties", rng.integers(0, 3, 60).astype(float), rng.integers(0, 4, 45).astype(float)
    yield "outside the range", rng.normal(size=120), np.append(rng.normal(size=80), [30.0, -12.0])
    yield "one against many", np.array([0.4]), rng.normal(size=30)


def samples():
    cases = []
    for name, a, b in sample_pairs():
        a, b = np.round(a, 5), np.round(b, 5)
        case = {"name": name, "a": floats(a), "b": floats(b),
                "ks": float(stats.ks_2samp(a, b).statistic),
                "ks_exact": float(stats.ks_2samp(a, b, method="exact").pvalue),
                "ks_asymptotic": float(stats.ks_2samp(a, b, method="asymp").pvalue),
                "wasserstein": float(stats.wasserstein_distance(a, b)),
                "energy": float(stats.energy_distance(a, b)),
                "mwu": float(stats.mannwhitneyu(a, b).statistic),
                "mwu_asymptotic": float(stats.mannwhitneyu(a, b, method="asymptotic").pvalue),
                "mwu_auto": float(stats.mannwhitneyu(a, b).pvalue)}
        if len(a) <= 12:
            case["mwu_exact"] = float(stats.mannwhitneyu(a, b, method="exact").pvalue)
        if len(a) > 1:
            cvm = stats.cramervonmises_2samp(a, b, method="asymptotic")
            case |= {"cvm": float(cvm.statistic), "cvm_asymptotic_scipy": float(cvm.pvalue),
                     "cvm_asymptotic": cramer_von_mises_tail(a, b)}
            if max(len(a), len(b)) <= 20:
                case["cvm_exact"] = float(stats.cramervonmises_2samp(a, b, method="exact").pvalue)
            case["wasserstein_sigma"] = float(stats.wasserstein_distance(a, b) / a.std(ddof=1))
            case["evidently_wasserstein"] = evidently_value(wasserstein_stat_test, a, b)
            case["evidently_psi"] = evidently_value(psi_stat_test, a, b)
            case["evidently_js"] = evidently_value(jensenshannon_stat_test, a, b)
            case["evidently_hellinger"] = evidently_value(hellinger_stat_test, a, b)
            case["nannyml_js"] = nannyml_value(ContinuousJensenShannonDistance, a, b)
            case["nannyml_hellinger"] = nannyml_value(ContinuousHellingerDistance, a, b)
            case["sturges"] = len(np.histogram_bin_edges(a, "sturges")) - 1
            case["doane"] = len(np.histogram_bin_edges(a, "doane")) - 1
        cases.append(case)
    return cases


def anderson_darling():
    cases = []
    for name, groups in (("two", [rng.normal(size=60), rng.normal(0.35, 1, 80)]),
                         ("two alike", [rng.normal(size=60), rng.normal(size=80)]),
                         ("three", [rng.normal(size=30), rng.normal(0.5, 1, 40), rng.normal(0.2, 1.2, 25)]),
                         ("ties", [rng.poisson(3, 50).astype(float), rng.poisson(3.8, 70).astype(float)]),
                         ("far apart", [rng.normal(size=40), rng.normal(3, 1, 50)]),
                         ("smallest", [np.array([1.0, 2.0]), np.array([1.5, 4.0])])):
        groups = [np.round(g, 4) for g in groups]
        result = stats.anderson_ksamp(groups)
        cases.append({"name": name, "samples": [floats(g) for g in groups], "statistic": float(result.statistic),
                      "p": float(result.pvalue)})
    return cases


def kolmogorov():
    return [{"n": n, "d": float(d), "tail": float(stats.kstwo.sf(d, n))}
            for n in (1, 2, 5, 20, 100, 140, 141, 500, 5000, 100_000)
            for d in [0.3 / n, 0.7 / n, 0.95 / n, 0.2, 0.6, 0.97] + [c / np.sqrt(n) for c in (0.4, 0.7, 1.0, 1.36, 1.63, 3, 6)]
            if 0 < d < 1]


def counts():
    cases = []
    tables = [("two bins", [90, 10], [70, 30]), ("tiny", [1, 2], [3, 1]), ("alike", [50, 50], [50, 50]),
              ("empty here", [120, 40, 0, 3], [90, 60, 7, 0]), ("empty on both", [20, 0, 30], [25, 0, 20]),
              ("rare", [199_990, 10, 40_000], [1999, 1, 0]), ("never seen", [500, 500, 0], [50, 40, 10])]
    for k in (5, 50):
        p = rng.dirichlet(np.ones(k))
        tables.append((f"{k} bins", rng.multinomial(4000, p).tolist(), rng.multinomial(700, p).tolist()))
    for name, a, b in tables:
        a, b = np.array(a), np.array(b)
        used = (a + b) > 0
        table = np.array([a[used], b[used]])
        sa, sb = (a + 0.5) / (a + 0.5).sum(), (b + 0.5) / (b + 0.5).sum()
        p, q = a / a.sum(), b / b.sum()
        cells = {}
        for label, correction, kind in (("chi", False, None), ("chi_yates", True, None),
                                        ("g", False, "log-likelihood"), ("g_yates", True, "log-likelihood")):
            r = stats.chi2_contingency(table, correction=correction, lambda_=kind)
            cells |= {label: float(r.statistic), label + "_p": float(r.pvalue)}
        ra = pd.Series(np.repeat(np.arange(len(a)), a)).map(str)
        rb = pd.Series(np.repeat(np.arange(len(b)), b)).map(str)
        kind = ColumnType.Categorical
        cases.append({"name": name, "a": a.tolist(), "b": b.tolist(), "degrees": int(used.sum() - 1), **cells,
                      "js": float(distance.jensenshannon(p, q, 2)), "js_natural": float(distance.jensenshannon(p, q)),
                      "js_smoothed": float(distance.jensenshannon(sa, sb, 2)),
                      "psi_smoothed": float(((sa - sb) * np.log(sa / sb)).sum()),
                      "hellinger": float(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2)),
                      "l_infinity": float(np.abs(p - q).max()),
                      "evidently_chi_p": evidently_value(chi_stat_test, ra, rb, kind),
                      "evidently_psi": evidently_value(psi_stat_test, ra, rb, kind),
                      "evidently_js": evidently_value(jensenshannon_stat_test, ra, rb, kind),
                      "evidently_hellinger": evidently_value(hellinger_stat_test, ra, rb, kind)})
    return cases


reference = {"numpy": np.__version__, "scipy": scipy.__version__, "pandas": pd.__version__,
             "evidently": evidently.__version__, "nannyml": nannyml.__version__, "samples": samples(),
             "anderson": anderson_darling(), "kolmogorov": kolmogorov(), "counts": counts()}
path = pathlib.Path(__file__).parent / "data" / "distances.json"
path.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"') + "\n")
print(path, path.stat().st_size, "bytes")
