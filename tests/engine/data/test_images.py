from __future__ import annotations

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.data.encoding import CategoryColumn, FeatureEncoder, NumericColumn, encode
from engine.data.gallery import GALLERY, load_entry
from engine.data.images import image_shape


def dataset_of(X: np.ndarray, *, with_category: bool = False) -> Dataset:
    names = tuple(f"x{d}" for d in range(X.shape[1]))
    columns = [NumericColumn(name) for name in names]
    if with_category:
        columns[-1:] = [CategoryColumn(names[-1], ("yes",), False)]
    y = np.arange(len(X)) % 2
    return Dataset("made up", X, y, names, ("a", "b"), "class", FeatureEncoder(tuple(columns)), np.arange(len(X)))


def pictures(n: int, side: int, brightest: float = 255.0) -> np.ndarray:
    """Blots that never touch the edge, as scanned digits do not."""
    X = np.zeros((n, side, side))
    X[:, 1:-1, 1:-1] = np.random.default_rng(0).uniform(0, brightest, (n, side - 2, side - 2))
    return X.reshape(n, side * side)


def test_of_the_bundled_data_sets_only_the_digits_are_pictures() -> None:
    shapes = {entry.key: image_shape(encode(load_entry(entry.key), entry.target)) for entry in GALLERY}
    assert {key: shape for key, shape in shapes.items() if shape} == {"digits": (8, 8)}


@pytest.mark.parametrize(("side", "brightest"), [(5, 1.0), (8, 16.0), (28, 255.0), (64, 1e-3)])
def test_pictures_of_any_size_and_range(side: int, brightest: float) -> None:
    assert image_shape(dataset_of(pictures(40, side, brightest))) == (side, side)


def test_more_rows_than_are_looked_at() -> None:
    X = np.tile(pictures(100, 28), (60, 1))
    assert image_shape(dataset_of(X)) == (28, 28)


def test_missing_pixels_do_not_count() -> None:
    X = pictures(40, 6)
    X[::3, 7] = np.nan
    X[:, 8] = np.nan
    assert image_shape(dataset_of(X)) == (6, 6)


@pytest.mark.parametrize("n_features", [1, 4, 16, 24, 26, 30, 63])
def test_no_square_or_too_small_a_one(n_features: int) -> None:
    X = np.random.default_rng(0).uniform(0, 1, (40, n_features))
    assert image_shape(dataset_of(X)) is None


def refused() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    negative = pictures(40, 6)
    negative[3, 20] = -1.0
    return {
        "standardised measurements": random.normal(size=(40, 25)),
        "one negative number": negative,
        "measurements in many units": random.uniform(0, 1, (40, 25)) * 10.0 ** np.linspace(0, 6, 25),
        "answers from 1 to 7": random.integers(1, 8, (40, 36)).astype(float),
        "all the same": np.full((40, 25), 3.0),
        "all zero": np.zeros((40, 25)),
        "all missing": np.full((40, 25), np.nan),
        "a single row": np.arange(25.0)[np.newaxis],
    }


@pytest.mark.parametrize("case", refused())
def test_tables_that_are_no_pictures(case: str) -> None:
    assert image_shape(dataset_of(refused()[case])) is None


def test_categories_are_no_pixels() -> None:
    X = (pictures(40, 5) > 100).astype(float)
    assert image_shape(dataset_of(X)) == (5, 5)
    assert image_shape(dataset_of(X, with_category=True)) is None
