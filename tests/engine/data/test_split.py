from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from engine.data.split import split
from engine.errors import DataError, SettingError

labels = st.lists(st.integers(0, 5), min_size=1, max_size=120).map(lambda values: np.array(values, dtype=np.int64))
shares = st.floats(0, 0.9)


@given(labels, shares, st.integers(0, 10), st.booleans())
def test_parts_are_sorted_disjoint_and_complete(y: np.ndarray, share: float, seed: int, stratified: bool) -> None:
    parts = split(y, validation_share=share, seed=seed, stratified=stratified)
    train, validation = parts.train.tolist(), parts.validation.tolist()
    assert train == sorted(train)
    assert validation == sorted(validation)
    assert sorted(train + validation) == list(range(len(y)))
    assert train


@given(labels, shares, st.integers(0, 10))
def test_stratified_keeps_every_class_within_one_row_and_in_training(y: np.ndarray, share: float, seed: int) -> None:
    parts = split(y, validation_share=share, seed=seed, stratified=True)
    for label in set(y.tolist()):
        total = int((y == label).sum())
        held_back = int((y[parts.validation] == label).sum())
        assert held_back < total
        assert abs(held_back - min(share * total, total - 1)) < 1


@given(labels, shares, st.integers(0, 10))
def test_unstratified_total_is_the_nearest_whole_number(y: np.ndarray, share: float, seed: int) -> None:
    parts = split(y, validation_share=share, seed=seed, stratified=False)
    assert abs(len(parts.validation) - min(share * len(y), len(y) - 1)) <= 0.5 + 1e-9


@pytest.mark.parametrize("share", [0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 0.9])
def test_class_counts_agree_with_scikit_learn(share: float) -> None:
    y = np.repeat([0, 1, 2, 3], [212, 357, 40, 101])
    parts = split(y, validation_share=share, seed=3, stratified=True)
    _, theirs = train_test_split(y, test_size=share, stratify=y, random_state=0)
    difference = np.bincount(y[parts.validation], minlength=4) - np.bincount(theirs, minlength=4)
    assert np.abs(difference).max() <= 1
    assert abs(difference.sum()) <= 1


def test_total_of_the_stratified_parts_is_the_asked_share() -> None:
    y = np.repeat(np.arange(10), 7)
    assert len(split(y, validation_share=0.2, seed=0, stratified=True).validation) == 14


@pytest.mark.parametrize("stratified", [True, False])
def test_seed_decides_the_rows(stratified: bool) -> None:
    y = np.arange(200) % 3

    def validation(seed: int) -> list[int]:
        return split(y, validation_share=0.3, seed=seed, stratified=stratified).validation.tolist()

    assert validation(1) == validation(1)
    assert validation(1) != validation(2)


@pytest.mark.parametrize("stratified", [True, False])
def test_every_row_is_held_back_equally_often(stratified: bool) -> None:
    y = np.arange(20) % 2
    counts = np.zeros(20)
    for seed in range(2000):
        counts[split(y, validation_share=0.3, seed=seed, stratified=stratified).validation] += 1
    # 6 standard deviations of a binomial with n = 2000, p = 0.3
    assert np.abs(counts / 2000 - 0.3).max() < 6 * np.sqrt(0.3 * 0.7 / 2000)


@pytest.mark.parametrize("stratified", [True, False])
def test_share_zero_holds_nothing_back(stratified: bool) -> None:
    parts = split(np.array([0, 1, 1]), validation_share=0, seed=0, stratified=stratified)
    assert parts.train.tolist() == [0, 1, 2]
    assert parts.validation.shape == (0,)
    assert parts.validation.dtype == np.int64


def test_odd_row_goes_to_the_class_that_lost_most_by_rounding() -> None:
    y = np.repeat([0, 1], [11, 13])  # a fifth: 2.2 and 2.6 rows, 4.8 in all
    parts = split(y, validation_share=0.2, seed=0, stratified=True)
    assert np.bincount(y[parts.validation]).tolist() == [2, 3]


def test_labels_need_not_be_consecutive() -> None:
    y = np.repeat([3, 9], [10, 20])
    parts = split(y, validation_share=0.5, seed=0, stratified=True)
    assert np.bincount(y[parts.validation])[[3, 9]].tolist() == [5, 10]


def test_parts_are_read_only() -> None:
    parts = split(np.zeros(5, dtype=np.int64), validation_share=0.4, seed=0, stratified=True)
    with pytest.raises(ValueError, match="read-only"):
        parts.train[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        parts.validation[0] = 1


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(SettingError, match="from 0 to below 1") as caught:
        split(np.array([0, 1]), validation_share=share, seed=0, stratified=True)
    assert caught.value.key == "validation_share"


def test_no_rows_are_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        split(np.array([], dtype=np.int64), validation_share=0.2, seed=0, stratified=False)
