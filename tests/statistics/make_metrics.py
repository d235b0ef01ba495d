#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performance metrics of scikit-learn and intervals of SciPy for tests/statistics, written to data/metrics.json.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scipy scikit-learn
    /tmp/venv/bin/python tests/statistics/make_metrics.py
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
rng = np.random.default_rng(1960)


def floats(values):
    return [float(v) for v in np.ravel(values)]


def calibration_error(y, score, bins, strategy):
    """Σ n_b / n |mean score - share|, on the bins of calibration_curve."""
    share, mean = calibration_curve(y, score, n_bins=bins, strategy=strategy)
    edges = np.linspace(0, 1, bins + 1) if strategy == "uniform" else np.percentile(score, np.linspace(0, 100, bins + 1))
    sizes = np.bincount(np.searchsorted(edges[1:-1], score), minlength=bins)
    return float((sizes[sizes > 0] / len(y) * np.abs(share - mean)).sum())


def binary():
    cases = []
    # n - 1 is no multiple of the seven bins below: a quantile that is a value itself falls to either side in NumPy, by
    # the last bit of 100 * k / 7.
    for n, digits in ((60, 1), (401, 6), (900, 2)):
        score = np.round(rng.beta(1.5, 2.5, n), digits)
        y = (rng.uniform(size=n) < score**1.3).astype(int)
        called = score >= 0.5
        cases.append({"scores": floats(score), "outcomes": floats(y),
                      "accuracy": metrics.accuracy_score(y, called), "precision": metrics.precision_score(y, called),
                      "recall": metrics.recall_score(y, called),
                      "specificity": metrics.recall_score(y, called, pos_label=0), "f1": metrics.f1_score(y, called),
                      "roc_auc": float(metrics.roc_auc_score(y, score)),
                      "average_precision": float(metrics.average_precision_score(y, score)),
                      "log_loss": float(metrics.log_loss(y, np.clip(score, 1e-15, 1 - 1e-15))),
                      "brier": float(metrics.brier_score_loss(y, score)),
                      "ece": calibration_error(y, score, 10, "uniform"),
                      "ece_mass": calibration_error(y, score, 7, "quantile"),
                      "accuracy_interval": floats(stats.binomtest(int((y == called).sum()), n).proportion_ci(
                          method="wilson")),
                      "brier_interval": floats(stats.ttest_1samp((score - y) ** 2, 0).confidence_interval(0.95))})
    return cases


def multiclass():
    cases = []
    for n, k, unseen in ((80, 3, False), (500, 6, False), (120, 5, True)):
        logits = rng.normal(size=(n, k))
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        y = np.array([rng.choice(k, p=row) for row in p])
        called = p.argmax(1)
        if unseen:  # a class that is never predicted, and one that never comes at all
            p = np.where(np.arange(k) == k - 1, 0, p)
            p /= p.sum(1, keepdims=True)
            called, y = np.where(called >= k - 2, 0, called), np.where(y == k - 1, 0, y)
        case = {"classes": k, "truth": floats(y), "predicted": floats(called), "probabilities": floats(p),
                "matrix": floats(metrics.confusion_matrix(y, called, labels=range(k))),
                "accuracy": metrics.accuracy_score(y, called)}
        for average in ("macro", "micro", "weighted"):
            for name, f in (("precision", metrics.precision_score), ("recall", metrics.recall_score),
                            ("f1", metrics.f1_score)):
                case[f"{name}_{average}"] = float(f(y, called, average=average, zero_division=0))
        if not unseen:
            case["log_loss"] = float(metrics.log_loss(y, p, labels=range(k)))
            for average in ("macro", "micro", "weighted"):
                case[f"auc_{average}"] = float(metrics.roc_auc_score(y, p, multi_class="ovr", average=average))
        cases.append(case)
    return cases


def regression():
    cases = []
    for n in (40, 600):
        y = np.round(rng.gamma(3, 4, n) + 0.5, 3)
        p = np.round(y + rng.normal(0.4, 2, n), 3)
        cases.append({"predicted": floats(p), "actual": floats(y), "mae": float(metrics.mean_absolute_error(y, p)),
                      "rmse": float(metrics.root_mean_squared_error(y, p)),
                      "mape": float(metrics.mean_absolute_percentage_error(y, p)),
                      "r2": float(metrics.r2_score(y, p)),
                      "pinball": float(metrics.mean_pinball_loss(y, p, alpha=0.8)),
                      "mae_interval": floats(stats.ttest_1samp(np.abs(y - p), 0).confidence_interval(0.95))})
    return cases


def clusters():
    """The linearised standard error of a mean over clusters (Cochran 1977, 6.4), and what rows alone would say."""
    ids = np.repeat(np.arange(40), rng.integers(1, 25, 40))
    x = np.round((rng.normal(size=40)[ids] + rng.normal(size=len(ids))), 4)
    sums = np.array([(x[ids == c] - x.mean()).sum() for c in range(40)])
    error = np.sqrt(40 / 39 * (sums**2).sum()) / len(x)
    half = stats.t.ppf(0.975, 39) * error
    return {"x": floats(x), "clusters": floats(ids), "error": float(error), "low": float(x.mean() - half),
            "high": float(x.mean() + half)}


reference = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__,
             "binary": binary(), "multiclass": multiclass(), "regression": regression(), "clusters": clusters()}
path = pathlib.Path(__file__).parent / "data" / "metrics.json"
path.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"') + "\n")
print(path, path.stat().st_size, "bytes")
