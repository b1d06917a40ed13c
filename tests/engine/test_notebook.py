from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import engine
from engine import Fit, TrainingConfig, fit, load_dataset, train
from engine.data.preparation import PreparationConfig, prepare
from engine.errors import DataError, SettingError
from engine.examples import Examples
from engine.stopping import StopReason

ROOT = Path(__file__).parents[2]
EXACT = TrainingConfig(optimizer="newton_cg", precision="float64", gradient_tolerance=1e-9)


def test_a_bundled_set_a_rule_and_a_file_are_opened_alike(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n", encoding="utf-8")
    assert load_dataset("penguins").class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert load_dataset("spirals").n_features == 2
    assert load_dataset(tmp_path / "own.csv").class_names == ("x", "y")
    assert load_dataset(str(tmp_path / "own.csv"), target="b").target_name == "b"


@pytest.mark.parametrize("source", ["irsi", "missing.csv"])
def test_what_is_not_there_is_refused_by_name(source: str) -> None:
    with pytest.raises(DataError, match=source.split(".")[0]):
        load_dataset(source)


def test_fit_on_plain_arrays_finds_what_scikit_learn_finds() -> None:
    X, y = load_iris(return_X_y=True)
    result = fit(Examples.of(X, y), EXACT)
    theirs = LogisticRegression(C=1 / (0.001 * 150), tol=1e-12, solver="newton-cholesky").fit(X, y)
    assert result.stop_reason is StopReason.GRADIENT_SMALL
    np.testing.assert_allclose(result.probabilities(X), theirs.predict_proba(X), atol=1e-6)
    assert result.predict(X) == theirs.predict(X).tolist()
    assert result.training.accuracy == theirs.score(X, y)
    assert np.isnan(result.validation.cost)


def test_fit_on_a_data_set_prepares_it_as_the_program_does() -> None:
    dataset = load_dataset("iris")
    by_hand: Fit = fit(prepare(dataset, PreparationConfig()), EXACT)
    result = fit(dataset, EXACT)
    assert np.array_equal(result.theta, by_hand.theta)
    assert result.predict(dataset.X[:1]) == ["setosa"]
    assert result.history.epochs.train_cost[-1] == pytest.approx(result.training.cost, rel=1e-12)


def test_train_yields_what_fit_ends_with() -> None:
    config = TrainingConfig(epochs=5)
    *_, last = train(load_dataset("iris"), config)
    assert np.array_equal(last.theta, fit(load_dataset("iris"), config).theta)


def test_what_does_not_fit_is_said_clearly() -> None:
    with pytest.raises(SettingError, match="larger than the 3 training rows"):
        fit(Examples.of([[1.0], [2.0], [3.0]], [0, 1, 0]))
    result = fit(Examples.of([[1.0], [2.0]], [0, 1]), TrainingConfig(batch_size=0, epochs=1))
    with pytest.raises(DataError, match="X has 2 columns; expected 1"):
        result.probabilities(np.zeros((1, 2)))
    with pytest.raises(DataError, match="finite"):
        result.probabilities(np.array([[np.nan]]))


def test_the_page_names_what_it_offers_and_nothing_else() -> None:
    assert all(hasattr(engine, name) for name in engine.__all__)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = engine.trian  # type: ignore[attr-defined]


def test_importing_the_engine_alone_loads_nothing_heavy() -> None:
    code = "import sys, engine; print(*(name for name in ('numpy', 'polars') if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
