from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_wine
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from engine.data.dataset import Dataset
from engine.data.preparation import PREPARATION_SPECS, PreparationConfig, prepare
from engine.errors import DataError, SettingError


def dataset_of(X: Any, y: Any, features: list[str] | None = None, n_classes: int = 2) -> Dataset:
    X = np.array(X, dtype=np.float64)
    return Dataset(
        name="test",
        X=X,
        y=np.array(y, dtype=np.int64),
        feature_names=tuple(features or [f"f{number}" for number in range(X.shape[1])]),
        class_names=tuple("ABCDEFGHIJ"[:n_classes]),
        target_name="class",
        encoder=cast("Any", None),
        rows=np.arange(len(X)),
    )


def wine_with_gaps() -> Dataset:
    X, y = load_wine(return_X_y=True)
    X = np.where(np.random.default_rng(0).random(X.shape) < 0.05, np.nan, X)
    return dataset_of(X, y, n_classes=3)


@pytest.mark.parametrize("standardize", [True, False])
def test_agrees_with_scikit_learn_fitted_on_the_training_rows(standardize: bool) -> None:
    data = wine_with_gaps()
    prepared = prepare(data, PreparationConfig(standardize=standardize))
    steps = [SimpleImputer(strategy="median"), *([StandardScaler()] if standardize else [])]
    theirs = make_pipeline(*steps).fit(data.X[prepared.split.train])
    assert len(prepared.X_validation) == 36
    np.testing.assert_allclose(prepared.X_train, theirs.transform(data.X[prepared.split.train]), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(
        prepared.X_validation, theirs.transform(data.X[prepared.split.validation]), rtol=1e-11, atol=1e-12
    )
    np.testing.assert_allclose(prepared.X_all, theirs.transform(data.X), rtol=1e-11, atol=1e-12)


def test_parts_are_the_rows_of_the_split() -> None:
    prepared = prepare(wine_with_gaps(), PreparationConfig())
    parts = prepared.split
    np.testing.assert_array_equal(prepared.X_all[parts.train], prepared.X_train)
    np.testing.assert_array_equal(prepared.X_all[parts.validation], prepared.X_validation)
    np.testing.assert_array_equal(prepared.dataset.y[parts.train], prepared.y_train)
    np.testing.assert_array_equal(prepared.dataset.y[parts.validation], prepared.y_validation)


def test_arrays_are_read_only_contiguous_and_of_one_type() -> None:
    prepared = prepare(wine_with_gaps(), PreparationConfig())
    for X in (prepared.X_train, prepared.X_validation, prepared.X_all):
        assert X.dtype == np.float64
        assert X.flags.c_contiguous
        assert not X.flags.writeable
    for y in (prepared.y_train, prepared.y_validation):
        assert y.dtype == np.int64
        assert y.flags.c_contiguous
        assert not y.flags.writeable


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("stratified", [True, False])
def test_validation_rows_never_change_what_is_learnt(standardize: bool, stratified: bool) -> None:
    data = wine_with_gaps()
    config = PreparationConfig(standardize=standardize, stratified=stratified)
    prepared = prepare(data, config)
    spoilt = data.X.copy()
    spoilt[prepared.split.validation] = np.random.default_rng(5).normal(1e6, 1e9, (len(prepared.y_validation), 13))
    spoilt[prepared.split.validation[:10]] = np.nan
    again = prepare(dataset_of(spoilt, data.y, n_classes=3), config)
    np.testing.assert_array_equal(again.split.train, prepared.split.train)
    np.testing.assert_array_equal(again.X_train, prepared.X_train)
    probe = np.vstack([np.full(13, np.nan), np.arange(13.0)])
    np.testing.assert_array_equal(again.preprocessor.transform(probe), prepared.preprocessor.transform(probe))


def test_training_rows_do_change_what_is_learnt() -> None:
    data = wine_with_gaps()
    prepared = prepare(data, PreparationConfig())
    changed = data.X.copy()
    changed[prepared.split.train] += 1
    again = prepare(dataset_of(changed, data.y, n_classes=3), PreparationConfig())
    probe = np.ones((1, 13))
    assert (again.preprocessor.transform(probe) != prepared.preprocessor.transform(probe)).all()


@given(
    arrays(np.float64, st.tuples(st.integers(2, 10), st.integers(1, 4)), elements=st.floats(allow_infinity=True)),
    st.booleans(),
    st.sampled_from([0.0, 0.3, 0.9]),
)
def test_any_numbers_come_out_finite_and_without_a_warning(X: np.ndarray, standardize: bool, share: float) -> None:
    config = PreparationConfig(standardize=standardize, validation_share=share)
    with np.errstate(all="raise"):
        prepared = prepare(dataset_of(X, np.arange(len(X)) % 2), config)
        rows = prepared.preprocessor.transform(X[::-1])
    assert np.isfinite(prepared.X_all).all()
    np.testing.assert_array_equal(rows, prepared.X_all[::-1])


def test_share_zero_trains_on_everything() -> None:
    prepared = prepare(wine_with_gaps(), PreparationConfig(validation_share=0))
    assert prepared.X_train.shape == (178, 13)
    assert prepared.X_validation.shape == (0, 13)
    assert prepared.y_validation.shape == (0,)


def test_same_seed_same_bits_other_seed_other_rows() -> None:
    data = wine_with_gaps()

    def train(seed: int) -> bytes:
        return prepare(data, PreparationConfig(split_seed=seed)).X_train.tobytes()

    assert train(0) == train(0)
    assert train(0) != train(1)


@pytest.mark.parametrize("shape", [(3, 12), (3, 14), (13,), (0, 0), (1, 13, 1)])
def test_rows_of_another_width_are_refused(shape: tuple[int, ...]) -> None:
    preprocessor = prepare(wine_with_gaps(), PreparationConfig()).preprocessor
    with pytest.raises(DataError, match="rows of 13 features"):
        preprocessor.transform(np.zeros(shape))


def test_no_rows_of_the_right_width_are_fine() -> None:
    assert prepare(wine_with_gaps(), PreparationConfig()).preprocessor.transform(np.zeros((0, 13))).shape == (0, 13)


def test_missing_and_constant_columns_are_told_in_plain_words() -> None:
    gap = float("nan")
    X = [[1, 7, gap, 3], [gap, 7, gap, 4], [44, 7, gap, 5], [45, 7, gap, 6], [46, 7, gap, 7]]
    prepared = prepare(
        dataset_of(X, [0, 1, 0, 1, 0], ["bill", "flag", "void", "fine"]), PreparationConfig(validation_share=0)
    )
    assert prepared.notes == (
        "bill: 1 missing, replaced by the training median 44.5.",
        "void has no value in the training rows; 0 is used instead.",
        "flag is constant in the training rows and carries no information.",
    )


@pytest.mark.parametrize("standardize", [True, False])
def test_many_columns_are_told_in_one_sentence(standardize: bool) -> None:
    X = np.hstack([np.ones((6, 12)), np.arange(30.0).reshape(6, 5), np.full((6, 1300), np.nan)])
    X[0, 12:17] = np.nan
    prepared = prepare(dataset_of(X, [0, 1] * 3), PreparationConfig(validation_share=0, standardize=standardize))
    assert prepared.notes == (
        "5 columns have missing values, replaced by their training medians: f12, f13, f14 and 2 more.",
        "1,300 columns have no value in the training rows and 0 is used instead: f17, f18, f19 and 1,297 more.",
        "12 columns are constant in the training rows: f0, f1, f2 and 9 more.",
    )


def test_missing_values_of_validation_rows_are_counted_too() -> None:
    y = np.arange(40) % 2
    held_back = prepare(dataset_of(np.arange(40.0)[:, None], y), PreparationConfig()).split.validation
    X = np.arange(40.0)[:, None]
    X[held_back] = np.nan
    notes = prepare(dataset_of(X, y), PreparationConfig()).notes
    assert notes[0].startswith("f0: 8 missing, ")


def test_class_without_training_rows_is_told() -> None:
    y = [0] * 60 + [1]
    data = dataset_of(np.arange(61.0)[:, None], y)
    seed = next(
        seed
        for seed in range(500)
        if 60 in prepare(data, PreparationConfig(stratified=False, split_seed=seed)).split.validation
    )
    config = PreparationConfig(stratified=False, split_seed=seed)
    assert prepare(data, config).notes == ("No example of B is in the training rows, so it cannot be learnt.",)
    assert prepare(data, PreparationConfig(split_seed=seed)).notes == ()


def test_defaults_of_the_specs_are_those_of_the_configuration() -> None:
    config = PreparationConfig()
    assert {spec.key: spec.default for spec in PREPARATION_SPECS} == {
        "validation_share": 0.2,
        "split_seed": 0,
        "stratified": True,
        "standardize": True,
    }
    assert all(getattr(config, spec.key) == spec.default for spec in PREPARATION_SPECS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("validation_share", 0.91),
        ("validation_share", -0.1),
        ("validation_share", float("nan")),
        ("validation_share", "0.2"),
        ("split_seed", -1),
        ("split_seed", 0.5),
        ("stratified", 1),
        ("standardize", "yes"),
    ],
)
def test_settings_outside_their_spec_are_refused(key: str, value: Any) -> None:
    with pytest.raises(SettingError) as caught:
        PreparationConfig(**{key: value})
    assert caught.value.key == key
