#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference values of SciPy, scikit-learn and NumPy for tests/statistics, written to data/reference.json.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scipy scikit-learn
    /tmp/venv/bin/python tests/statistics/make_fixtures.py

The tests read the file only; none of this is needed to build or to test.
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

rng = np.random.default_rng(2013)


def floats(values):
    return [float(v) for v in values]


def wasserstein():
    """Histograms whose current outer bins lie elsewhere than the reference's, each side to both sides."""
    cases = []
    for bins in (2, 3, 20):
        for low, high in ((0, 0), (-1.5, 2.5), (0.3, -0.4), (-2, -0.2), (0.2, 6)):
            places = np.sort(rng.normal(size=bins)) * 3 + np.arange(bins)
            p, q = rng.dirichlet(np.ones(bins)), rng.dirichlet(np.ones(bins))
            at = places.copy()
            room = (places[1] - places[0]) / 2 if bins > 1 else 1
            at[0] += low if low < 0 else low * room
            room = (places[-1] - places[-2]) / 2
            at[-1] += high if high > 0 else high * room
            cases.append({"p": floats(p), "q": floats(q), "places": floats(places), "low": float(at[0]),
                          "high": float(at[-1]), "wasserstein": float(stats.wasserstein_distance(places, at, p, q)),
                          "total_variation": float(np.abs(p - q).sum() / 2)})
    return cases


def samples():
    """What the frozen bins say against the exact distance of the samples."""
    cases = []
    for name, a, b in (("shift", rng.normal(size=1500), rng.normal(0.5, 1, 900)),
                       ("far shift", rng.normal(size=1500), rng.normal(4, 1, 900)),
                       ("scale", rng.normal(size=1500), rng.normal(0, 1.6, 900)),
                       ("skewed", rng.exponential(size=1500), rng.exponential(1.4, 900)),
                       ("few values", rng.poisson(2, 1500).astype(float), rng.poisson(2.6, 900).astype(float))):
        a, b = np.round(a, 4), np.round(b, 4)
        cases.append({"name": name, "reference": floats(a), "current": floats(b),
                      "wasserstein_sigma": float(stats.wasserstein_distance(a, b) / a.std(ddof=1)),
                      "mean": float(a.mean()), "variance": float(a.var(ddof=1)),
                      "quantiles": floats(np.quantile(a, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]))})
    return cases


def pearson():
    return [{"mean": m, "deviation": d, "skewness": s, "x": float(x),
             "tail": float(stats.pearson3.sf(x, s, loc=m, scale=d)), "alpha": a,
             "critical": float(stats.pearson3.isf(a, s, loc=m, scale=d))}
            for m, d, s in ((0.3, 0.1, 0.9), (5, 2, 0.05), (0.01, 0.004, 2.5))
            for x, a in ((m, 0.5), (m + d, 0.05), (m + 4 * d, 2.8e-4), (m + 12 * d, 1e-9))]


def fisher():
    cases = []
    for k, n, k_ref, n_ref in ((0, 50, 0, 1000), (1, 6500, 0, 50000), (9, 300, 120, 5000), (40, 300, 120, 5000),
                               (0, 2000, 50, 5000), (1200, 6500, 8000, 50000), (6500, 6500, 10, 50000), (8, 8, 50, 100)):
        h = stats.hypergeom(n + n_ref, k + k_ref, n)
        tail = (h.sf(k) if k * n_ref >= k_ref * n else h.cdf(k - 1)) + h.pmf(k) / 2
        cases.append({"k": k, "n": n, "k_reference": k_ref, "n_reference": n_ref, "p": float(min(1, 2 * tail))})
    return cases


def benjamini_hochberg():
    out = []
    for p in ([0.01, 0.02, 0.03, 0.04, 0.05], [0.5], [1e-9, 0.9, 0.04, 0.04, 0.7, 0.001],
              list(np.round(rng.uniform(size=40) ** 3, 6))):
        out.append({"p": floats(p), "q": floats(stats.false_discovery_control(p, method="bh"))})
    return out


def classification():
    cases = []
    for n, ties in ((2, False), (50, True), (1000, False), (1000, True)):
        outcome = (rng.uniform(size=n) < 0.25).astype(int)
        outcome[0], outcome[1] = 0, 1
        score = np.clip(rng.beta(2, 5, n) + 0.15 * outcome, 0, 1)
        score = np.round(score, 1 if ties else 6)
        tn, fp, fn, tp = metrics.confusion_matrix(outcome, score >= 0.4).ravel()
        cases.append({"scores": floats(score), "outcomes": [int(o) for o in outcome],
                      "auc": float(metrics.roc_auc_score(outcome, score)),
                      "average_precision": float(metrics.average_precision_score(outcome, score)),
                      "log_loss": float(metrics.log_loss(outcome, np.clip(score, 1e-15, 1 - 1e-15))),
                      "brier": float(metrics.brier_score_loss(outcome, score)),
                      "threshold": 0.4, "tp": int(tp), "fp": int(fp), "tn": int(tn), "fn": int(fn)})
    return cases


def bootstrap():
    """The AUC's spread over resampled clusters of ten rows that share part of their score, by a plain bootstrap."""
    clusters = np.repeat(np.arange(120), 10)
    shared = rng.normal(size=120)[clusters]
    outcome = (shared + rng.normal(size=1200) > 0.8).astype(int)
    a = np.round(0.8 * shared + rng.normal(size=1200), 4)
    b = np.round(0.3 * shared + rng.normal(size=1200), 4)
    members = [np.flatnonzero(clusters == c) for c in range(120)]
    values, differences = [], []
    for _ in range(6000):
        rows = np.concatenate([members[c] for c in rng.integers(0, 120, 120)])
        auc = metrics.roc_auc_score(outcome[rows], a[rows])
        values.append(auc)
        differences.append(auc - metrics.roc_auc_score(outcome[rows], b[rows]))
    return {"a": floats(a), "b": floats(b), "outcomes": [int(o) for o in outcome], "clusters": [int(c) for c in clusters],
            "auc": float(metrics.roc_auc_score(outcome, a)), "interval": floats(np.quantile(values, [0.025, 0.975])),
            "difference": float(metrics.roc_auc_score(outcome, a) - metrics.roc_auc_score(outcome, b)),
            "difference_interval": floats(np.quantile(differences, [0.025, 0.975]))}


def design_effect():
    """Linearised variance of shares over clusters against that of independent rows (Kish 1965)."""
    own = np.random.default_rng(1965)
    sizes = own.integers(1, 12, 60)
    # Clusters that move as one, each row wandering besides, cut into four bins.
    rows = [own.normal() * 0.8 + 0.6 * own.normal(size=s) for s in sizes]
    table = np.array([np.histogram(r, [-np.inf, -0.7, 0, 0.7, np.inf])[0] for r in rows])
    n, p = table.sum(), table.sum(0) / table.sum()
    weights = np.array([1.0, 2.0, 0.5, 1.5])

    def effect(counts, shares):
        residual = counts - table.sum(1)[:, None] * shares
        clustered = np.sqrt((residual ** 2).sum(0) * len(sizes) / (len(sizes) - 1)) / n
        independent = np.sqrt(np.clip(shares * (1 - shares), 0, None) / n)
        return float(((weights * clustered).sum() / (weights * independent).sum()) ** 2)

    def effect_of_mean(residual, values):
        """Of the weighted sum of the cumulative shares, which is linear: a mean over rows."""
        clustered = ((residual @ weights) ** 2).sum() * len(sizes) / (len(sizes) - 1)
        return float(clustered / (n * np.cov(values, bias=True)))

    cumulative = table.cumsum(1)
    places = weights[::-1].cumsum()[::-1]
    mean = effect_of_mean(cumulative - table.sum(1)[:, None] * p.cumsum(), np.repeat(places, table.sum(0)))
    return {"table": [[int(x) for x in row] for row in table], "weights": floats(weights), "shares": effect(table, p),
            "cumulative": max(mean, effect(cumulative, p.cumsum()))}


def null_tails():
    """Quantiles of the statistics without drift, from 400,000 multinomial draws a side."""
    cases = []
    middles = np.array([stats.norm.ppf((np.arange(1000) + 0.5 + i * 1000) / 20000).mean() for i in range(20)])
    zipf = 1 / np.arange(1, 51)
    for name, p, places, n_ref, n in (("numeric, 400 rows", np.ones(20) / 20, middles, 50000, 400),
                                      ("numeric, 6,500 rows", np.ones(20) / 20, middles, 50000, 6500),
                                      ("50 categories, 400 rows", zipf / zipf.sum(), None, 50000, 400),
                                      ("3 categories, 400 rows", np.array([0.5, 0.3, 0.2]), None, 50000, 400)):
        values = []
        for _ in range(8):
            d = rng.multinomial(n_ref, p, 50000) / n_ref - rng.multinomial(n, p, 50000) / n
            values.append(np.abs(d).sum(1) / 2 if places is None
                          else (np.abs(np.cumsum(d, 1)[:, :-1]) * np.diff(places)).sum(1))
        values = np.concatenate(values)
        cases.append({"name": name, "shares": floats(p), "places": floats(places) if places is not None else [],
                      "n_reference": n_ref, "n": n, "mean": float(values.mean()),
                      "alphas": [0.05, 0.01, 0.001], "critical": floats(np.quantile(values, [0.95, 0.99, 0.999]))})
    return cases


def normals():
    return [{"z": z, "tail": float(stats.norm.sf(z))} for z in (-3, -0.5, 0, 1.96, 5, 9)]


reference = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__,
             "wasserstein": wasserstein(), "samples": samples(), "pearson3": pearson(), "fisher": fisher(),
             "benjamini_hochberg": benjamini_hochberg(), "classification": classification(), "bootstrap": bootstrap(),
             "design_effect": design_effect(), "null": null_tails(), "normal": normals()}
path = pathlib.Path(__file__).parent / "data" / "reference.json"
path.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"') + "\n")
print(path, path.stat().st_size, "bytes")
