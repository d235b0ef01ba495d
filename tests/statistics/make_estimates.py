#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Label-free estimates of NannyML on excerpts of its own synthetic data, written to data/estimates.json.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scikit-learn 'pandas<3' nannyml
    /tmp/venv/bin/python tests/statistics/make_estimates.py

The rows are every tenth of nannyml.load_synthetic_binary_classification_dataset(),
load_synthetic_multiclass_classification_dataset() and load_synthetic_car_price_dataset(), of which nothing but scores,
predictions and outcomes is kept. NannyML and its data: https://github.com/NannyML/nannyml, Apache License 2.0,
Copyright NannyML.
"""
import json
import pathlib
import warnings

import nannyml
import numpy as np
import pandas as pd
import sklearn
from nannyml.performance_estimation.confidence_based import cbpe as cbpe_module
from sklearn.isotonic import IsotonicRegression

warnings.simplefilter("ignore")
CHUNK = 2000


def floats(values):
    return [float(v) for v in values]


def estimates(result, names):
    data = result.filter(period="analysis").to_df()
    return [{n: [float(row[(n, "value")]), float(row[(n, "sampling_error")])] for n in names if (n, "value") in data}
            for _, row in data.iterrows()]


def binary(distort):
    reference, analysis, _ = nannyml.load_synthetic_binary_classification_dataset()
    reference, analysis = (d.iloc[::10].reset_index(drop=True) for d in (reference, analysis))
    analysis = analysis.iloc[:2 * CHUNK]
    if distort:  # scores that mean something else: only calibration helps
        for d in (reference, analysis):
            d["y_pred_proba"] = (d["y_pred_proba"] ** 3).round(4)
    metrics = ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision", "confusion_matrix"]
    cbpe = nannyml.CBPE(y_pred_proba="y_pred_proba", y_pred="y_pred", y_true="work_home_actual",
                        problem_type="classification_binary", metrics=metrics, chunk_size=CHUNK)
    cbpe.fit(reference)
    names = metrics[:-1] + ["true_positive", "true_negative", "false_positive", "false_negative"]
    return {"scores": floats(reference.y_pred_proba), "called": floats(reference.y_pred),
            "outcomes": floats(reference.work_home_actual), "needs_calibration": bool(cbpe.needs_calibration),
            "chunk": CHUNK, "current_scores": floats(analysis.y_pred_proba), "current_called": floats(analysis.y_pred),
            "estimates": estimates(cbpe.estimate(analysis), names)}


def multiclass():
    reference, analysis, _ = nannyml.load_synthetic_multiclass_classification_dataset()
    reference, analysis = (d.iloc[::15].reset_index(drop=True) for d in (reference, analysis))
    analysis = analysis.iloc[:CHUNK]
    classes = sorted(reference.y_true.unique())
    columns = {c: f"y_pred_proba_{c}" for c in classes}
    metrics = ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc"]

    def estimated(calibrate):
        """Whether a class needs calibration hangs on random splits near the border; here it is told."""
        original = cbpe_module.needs_calibration
        cbpe_module.needs_calibration = lambda *args, **kwargs: calibrate
        cbpe = nannyml.CBPE(y_pred_proba=columns, y_pred="y_pred", y_true="y_true",
                            problem_type="classification_multiclass", metrics=metrics, chunk_size=CHUNK)
        cbpe.fit(reference)
        cbpe_module.needs_calibration = original
        return estimates(cbpe.estimate(analysis), metrics)[0]

    def codes(values):
        return [classes.index(v) for v in values]

    def probabilities(d):
        return floats(d[[columns[c] for c in classes]].to_numpy().ravel())

    return {"classes": len(classes), "probabilities": probabilities(reference), "predicted": codes(reference.y_pred),
            "truth": codes(reference.y_true),
            "current_probabilities": probabilities(analysis), "current_predicted": codes(analysis.y_pred),
            "always": estimated(True), "never": estimated(False)}


def regression():
    """What the loss models of NannyML predict is kept too: the estimate is made of that."""
    reference, analysis, _ = nannyml.load_synthetic_car_price_dataset()
    reference, analysis = (d.iloc[::40].reset_index(drop=True) for d in (reference, analysis))
    analysis = analysis.iloc[:400]
    metrics = ["mae", "mape", "mse", "rmse", "msle", "rmsle"]
    features = ["car_age", "km_driven", "price_new", "accident_count", "door_count", "fuel", "transmission"]
    dle = nannyml.DLE(feature_column_names=features, y_pred="y_pred", y_true="y_true", metrics=metrics, chunk_size=400)
    dle.fit(reference)
    data = analysis.copy()
    captured = {}
    for metric in dle.metrics:
        model = metric._dee_model

        def predict(X, model=model, name=metric.column_name):
            captured[name] = model.__class__.predict(model, X)
            return captured[name]

        model.predict = predict
    result = dle.estimate(data)
    return {"predicted": floats(reference.y_pred), "actual": floats(reference.y_true),
            "estimates": estimates(result, metrics)[0], "losses": {k: floats(v) for k, v in captured.items()}}


def isotonic():
    rng = np.random.default_rng(1955)
    x = np.round(rng.uniform(size=300), 2)
    y = (rng.uniform(size=300) < 0.2 + 0.6 * x**2).astype(int)
    at = np.round(np.linspace(-0.1, 1.1, 61), 3)
    return {"scores": floats(x), "outcomes": floats(y), "at": floats(at),
            "values": floats(IsotonicRegression(out_of_bounds="clip").fit(x, y).predict(at))}


reference = {"nannyml": nannyml.__version__, "scikit-learn": sklearn.__version__, "pandas": pd.__version__,
             "numpy": np.__version__,
             "source": "https://github.com/NannyML/nannyml (Apache License 2.0), synthetic data sets, excerpts",
             "binary": [binary(False), binary(True)], "multiclass": multiclass(), "regression": regression(),
             "isotonic": isotonic()}
path = pathlib.Path(__file__).parent / "data" / "estimates.json"
path.write_text(json.dumps(reference, separators=(",", ":")).replace('],"', '],\n"').replace(".0,", ",") + "\n")
print(path, path.stat().st_size, "bytes")
