from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.arrays import FloatArray
from engine.classifier import Classifier, classifier_from
from engine.data.encoding import encode
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.data.table import Table
from engine.errors import DataError
from engine.network import Network
from engine.training import network_for


@pytest.fixture(scope="module")
def penguins() -> PreparedData:
    return prepare(encode(load_entry("penguins"), "species"), PreparationConfig())


def random_theta(data: PreparedData) -> FloatArray:
    return np.random.default_rng(1).standard_normal(network_for(data).n_parameters)


def by_hand(X: FloatArray, data: PreparedData, theta: FloatArray) -> FloatArray:
    """Median, z-score, product and softmax, one number at a time."""
    train = data.dataset.X[data.split.train]
    D, C = data.dataset.n_features, data.dataset.n_classes
    rows = []
    for x in X:
        z = [theta[D * C + c] for c in range(C)]
        for d in range(D):
            seen = train[np.isfinite(train[:, d]), d]
            filled = np.where(np.isfinite(train[:, d]), train[:, d], np.median(seen))
            value = x[d] if np.isfinite(x[d]) else np.median(seen)
            for c in range(C):
                z[c] += (value - filled.mean()) / filled.std() * theta[d * C + c]
        rows.append(np.exp(z) / np.exp(z).sum())
    return np.array(rows)


def test_probabilities_agree_with_a_computation_by_hand(penguins: PreparedData) -> None:
    theta = random_theta(penguins)
    classifier = classifier_from(penguins, theta)
    X = penguins.dataset.X[:40]
    assert np.isnan(X).any()
    np.testing.assert_allclose(classifier.probabilities(X), by_hand(X, penguins, theta), rtol=1e-9, atol=1e-300)


def test_says_of_the_training_rows_what_the_training_saw(iris: PreparedData) -> None:
    theta = random_theta(iris)
    classifier = classifier_from(iris, theta)
    np.testing.assert_array_equal(classifier.logits(iris.dataset.X), network_for(iris).logits(theta, iris.X_all))


def test_a_table_gives_what_its_encoding_gives(penguins: PreparedData) -> None:
    classifier = classifier_from(penguins, random_theta(penguins))
    P, notes = classifier.predict_table(load_entry("penguins"))
    np.testing.assert_array_equal(P, classifier.probabilities(penguins.dataset.X))
    assert notes == ("sex: 11 missing, kept as a category of its own.",)


def test_unknown_categories_are_named_and_absent_columns_refused(penguins: PreparedData) -> None:
    classifier = classifier_from(penguins, random_theta(penguins))
    frame = load_entry("penguins").frame.head(3).drop("species")
    moved = Table("moved.csv", frame.with_columns(island=pl.lit("Jeju")))
    P, notes = classifier.predict_table(moved)
    assert P.shape == (3, 3)
    assert any("“Jeju” in 3 rows" in note for note in notes)
    with pytest.raises(DataError, match=r"moved\.csv.*no column island"):
        classifier.predict_table(Table("moved.csv", frame.drop("island")))


@given(X=arrays(np.float64, st.tuples(st.integers(0, 5), st.just(4))))
def test_any_numbers_at_all_give_probabilities(iris: PreparedData, X: FloatArray) -> None:
    P = classifier_from(iris, random_theta(iris)).probabilities(X)
    finite = np.isfinite(P).all(axis=1)
    np.testing.assert_allclose(P[finite].sum(axis=1), 1.0)
    assert (P[finite] >= 0).all()


def test_what_it_is_made_of_cannot_be_written_to(iris: PreparedData) -> None:
    theta = random_theta(iris)
    classifier = classifier_from(iris, theta)
    theta[:] = 0.0
    assert classifier.theta.any()
    with pytest.raises(ValueError, match="read-only"):
        classifier.theta[0] = 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"theta": np.zeros(14)}, r"theta has shape \(14,\); 4 features and 3 classes need \(15,\)"),
        ({"class_names": ("a", "b")}, "2 classes are named; the network has 3"),
        ({"network": Network(2, 3), "theta": np.zeros(9)}, "preprocessor knows 4 features, not 2"),
    ],
)
def test_parts_that_do_not_fit_are_refused(iris: PreparedData, changes: dict[str, object], message: str) -> None:
    whole = classifier_from(iris, random_theta(iris))
    fields = {name: getattr(whole, name) for name in Classifier.__dataclass_fields__}
    with pytest.raises(DataError, match=message):
        Classifier(**fields | changes)


def test_rows_of_another_width_are_refused(iris: PreparedData) -> None:
    with pytest.raises(DataError, match="trained on rows of 4 features"):
        classifier_from(iris, random_theta(iris)).probabilities(np.zeros((2, 5)))
