"""Final cost and accuracy of the command line beside scikit-learn's LogisticRegression, same penalty, same split.

Run from the repository's root as ``PYTHONPATH=. python tests/benchmarks/against_sklearn.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from engine.data.encoding import encode
from engine.data.gallery import find_entry, load_entry
from engine.data.preparation import PreparationConfig, prepare

SETTINGS = {
    "defaults": [],
    "to the optimum": [
        "--optimizer",
        "momentum",
        "--learning-rate",
        "0.3",
        "--batch-size",
        "full",
        "--epochs",
        "20000",
    ],
}


def scikit_learn(key: str, l2: float) -> dict[str, float]:
    data = prepare(encode(load_entry(key), find_entry(key).target), PreparationConfig())
    model = LogisticRegression(C=1 / (l2 * len(data.y_train)), tol=1e-10, max_iter=100_000)
    model.fit(data.X_train, data.y_train)
    penalty = 0.5 * l2 * float((model.coef_**2).sum())

    def cost(X: np.ndarray, y: np.ndarray) -> float:
        return float(-model.predict_log_proba(X)[np.arange(len(y)), y].mean()) + penalty

    return {
        "train_cost": cost(data.X_train, data.y_train),
        "train_accuracy": model.score(data.X_train, data.y_train),
        "validation_cost": cost(data.X_validation, data.y_validation),
        "validation_accuracy": model.score(data.X_validation, data.y_validation),
    }


def command_line(key: str, options: list[str]) -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gui", "train", key, "--out", folder, *options]
        subprocess.run(command, check=True, capture_output=True)
        metrics = json.loads(Path(folder, "metrics.json").read_text(encoding="utf-8"))
    return metrics["final"], metrics["seconds"]


def line(name: str, figures: dict[str, float], seconds: str = "") -> str:
    costs = f"J {figures['train_cost']:.6f} / {figures['validation_cost']:.6f}"
    shares = f"{figures['train_accuracy']:.2%} / {figures['validation_accuracy']:.2%}"
    return f"  {name:<16} {costs}   accuracy {shares} {seconds}"


def main() -> None:
    for key in ("iris", "digits"):
        print(f"{key}, l2 = 0.001, training / validation")
        for name, options in SETTINGS.items():
            figures, seconds = command_line(key, options)
            print(line(name, figures, f"  {seconds:.2f} s of training"))
        print(line("scikit-learn", scikit_learn(key, 0.001)))


if __name__ == "__main__":
    main()
