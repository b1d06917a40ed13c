from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

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
from engine.hyperparameters import TrainingConfig
from engine.network import Layer, Network
from engine.problem import network_for

ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "tanh": lambda z: (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)),
    "relu": lambda z: z if z > 0 else 0.0,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
}


@pytest.fixture(scope="module")
def penguins() -> PreparedData:
    return prepare(encode(load_entry("penguins"), "species"), PreparationConfig())


def random_layers(network: Network) -> list[Layer]:
    rng = np.random.default_rng(1)
    sizes = zip(network.sizes, network.sizes[1:], strict=False)
    return [Layer(rng.standard_normal((n_in, n_out)), rng.standard_normal(n_out)) for n_in, n_out in sizes]


def random_classifier(data: PreparedData, **settings: Any) -> Classifier:
    network = network_for(data, TrainingConfig(**settings))
    return classifier_from(data, network, network.theta_of(random_layers(network)))


def by_hand(X: FloatArray, data: PreparedData, layers: list[Layer], activation: str) -> FloatArray:
    """Median, z-score, layer after layer and softmax, one number at a time."""
    train = data.dataset.X[data.split.train]
    rows = []
    for x in X:
        values = []
        for d in range(data.dataset.n_features):
            seen = train[np.isfinite(train[:, d]), d]
            filled = np.where(np.isfinite(train[:, d]), train[:, d], np.median(seen))
            value = x[d] if np.isfinite(x[d]) else np.median(seen)
            values.append(float((value - filled.mean()) / filled.std()))
        for number, (W, b) in enumerate(layers, start=1):
            sums = [sum(v * W[i, j] for i, v in enumerate(values)) + b[j] for j in range(len(b))]
            values = sums if number == len(layers) else [ACTIVATIONS[activation](z) for z in sums]
        rows.append(np.exp(values) / np.exp(values).sum())
    return np.array(rows)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden_layers", [(), (5,), (3, 4)])
def test_probabilities_agree_with_a_computation_by_hand(
    penguins: PreparedData, hidden_layers: tuple[int, ...], activation: str
) -> None:
    network = Network(penguins.dataset.n_features, penguins.dataset.n_classes, hidden_layers, activation)
    layers = random_layers(network)
    classifier = classifier_from(penguins, network, network.theta_of(layers))
    X = penguins.dataset.X[:40]
    assert np.isnan(X).any()
    expected = by_hand(X, penguins, layers, activation)
    np.testing.assert_allclose(classifier.probabilities(X), expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("hidden_layers", [(), (5,)])
def test_says_of_the_training_rows_what_the_training_saw(iris: PreparedData, hidden_layers: tuple[int, ...]) -> None:
    classifier = random_classifier(iris, hidden_layers=hidden_layers)
    expected = classifier.network.logits(classifier.theta, iris.X_all)
    np.testing.assert_array_equal(classifier.logits(iris.dataset.X), expected)


def test_weights_of_either_precision_are_kept_as_they_are(iris: PreparedData) -> None:
    network = network_for(iris, TrainingConfig())
    theta = np.random.default_rng(3).standard_normal(network.n_parameters)
    for weights in (theta, theta.astype(np.float32)):
        kept = classifier_from(iris, network, weights)
        assert kept.theta.dtype == np.float64
        assert kept.theta.tolist() == weights.tolist()
        assert kept.probabilities(iris.dataset.X).dtype == np.float64


def test_a_table_gives_what_its_encoding_gives(penguins: PreparedData) -> None:
    classifier = random_classifier(penguins)
    P, notes = classifier.predict_table(load_entry("penguins"))
    np.testing.assert_array_equal(P, classifier.probabilities(penguins.dataset.X))
    assert notes == ("sex: 11 missing, kept as a category of its own.",)


def test_unknown_categories_are_named_and_absent_columns_refused(penguins: PreparedData) -> None:
    classifier = random_classifier(penguins)
    frame = load_entry("penguins").frame.head(3).drop("species")
    moved = Table("moved.csv", frame.with_columns(island=pl.lit("Jeju")))
    P, notes = classifier.predict_table(moved)
    assert P.shape == (3, 3)
    assert any("“Jeju” in 3 rows" in note for note in notes)
    with pytest.raises(DataError, match=r"moved\.csv.*no column island"):
        classifier.predict_table(Table("moved.csv", frame.drop("island")))


@given(X=arrays(np.float64, st.tuples(st.integers(0, 5), st.just(4))))
def test_any_numbers_at_all_give_probabilities(iris: PreparedData, X: FloatArray) -> None:
    P = random_classifier(iris).probabilities(X)
    finite = np.isfinite(P).all(axis=1)
    np.testing.assert_allclose(P[finite].sum(axis=1), 1.0)
    assert (P[finite] >= 0).all()


def test_what_it_is_made_of_cannot_be_written_to(iris: PreparedData) -> None:
    network = network_for(iris, TrainingConfig())
    theta = np.ones(network.n_parameters)
    classifier = classifier_from(iris, network, theta)
    theta[:] = 0.0
    assert classifier.theta.any()
    with pytest.raises(ValueError, match="read-only"):
        classifier.theta[0] = 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"theta": np.zeros(14)}, r"theta has shape \(14,\); layers of 4, 3 units need \(15,\)"),
        (
            {"network": Network(4, 3, (6, 2))},
            r"theta has shape \(15,\); layers of 4, 6, 2, 3 units need \(53,\)",
        ),
        ({"class_names": ("a", "b")}, "2 classes are named; the network has 3"),
        ({"network": Network(2, 3), "theta": np.zeros(9)}, "preprocessor knows 4 features, not 2"),
    ],
)
def test_parts_that_do_not_fit_are_refused(iris: PreparedData, changes: dict[str, object], message: str) -> None:
    whole = random_classifier(iris)
    fields = {name: getattr(whole, name) for name in Classifier.__dataclass_fields__}
    with pytest.raises(DataError, match=message):
        Classifier(**fields | changes)


def test_rows_of_another_width_are_refused(iris: PreparedData) -> None:
    with pytest.raises(DataError, match="trained on rows of 4 features"):
        random_classifier(iris).probabilities(np.zeros((2, 5)))
