from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.analysis.hardest import ClassNorms, Deviation, farthest, worst_first
from engine.data.preparation import PreparedData

# Few different values, so that ties lie at the border of what is kept.
losses = st.integers(1, 40).flatmap(
    lambda n: arrays(np.float32, n, elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, np.inf, np.nan]))
)


def plainly_sorted(loss: NDArray[Any], chosen: NDArray[np.bool_], most: int | None) -> list[int]:
    """Python's own sort, which is stable."""
    known = [k for k in range(len(loss)) if chosen[k] and loss[k] == loss[k]]
    return sorted(known, key=lambda k: -float(loss[k]))[:most]


class TestWorstFirst:
    @given(losses, st.integers(0, 45) | st.none(), st.randoms(use_true_random=False))
    def test_is_plain_sorting(self, loss: NDArray[np.float32], most: int | None, random: Any) -> None:
        chosen = np.array([random.random() < 0.7 for _ in loss])
        assert worst_first(loss, chosen, most).tolist() == plainly_sorted(loss, chosen, most)

    def test_without_conditions_every_known_loss_is_listed(self) -> None:
        assert worst_first(np.array([1.0, np.nan, 3.0, np.inf, 3.0])).tolist() == [3, 2, 4, 0]

    def test_a_million_with_few_kept(self) -> None:
        loss = np.random.default_rng(0).exponential(size=1_000_000).astype(np.float32)
        found = worst_first(loss, most=500)
        assert found.tolist() == np.argsort(-loss, kind="stable")[:500].tolist()

    def test_nothing_to_list(self) -> None:
        assert worst_first(np.array([np.nan, np.nan])).tolist() == []
        assert worst_first(np.array([1.0, 2.0]), np.zeros(2, dtype=bool)).tolist() == []


class TestClassNorms:
    def test_is_the_z_score_within_the_training_rows_of_the_class(self, iris: PreparedData) -> None:
        examples = np.array([*iris.split.validation[:12], *iris.split.train[:12]])
        found = ClassNorms(iris).deviations(examples)
        X, y = iris.dataset.X, iris.dataset.y
        for row, example in enumerate(examples):
            peers = X[[i for i in iris.split.train if y[i] == y[example]]]
            expected = (X[example] - peers.mean(axis=0)) / peers.std(axis=0)
            np.testing.assert_allclose(found[row], expected, atol=1e-9)

    def test_constant_and_missing_features_and_absent_classes_count_as_normal(self, prepared_from) -> None:
        X = [[1.0, 5.0, 1.0], [3.0, 5.0, 2.0], [9.0, 5.0, np.nan], [2.0, 6.0, 1.0]]
        norms = ClassNorms(prepared_from(X, [0, 0, 0, 2]))
        found = norms.deviations(np.array([2, 3]))
        assert found[0, 0] > 1.0
        assert found[0, 1:].tolist() == [0.0, 0.0]
        assert found[1].tolist() == [0.0, 0.0, 0.0]  # one example alone is its own mean

    def test_a_class_that_only_validation_has(self, prepared_from) -> None:
        X, y = np.arange(20.0)[:, np.newaxis], [0] * 19 + [1]
        splits = (prepared_from(X, y, validation_share=0.5, stratified=False, split_seed=seed) for seed in range(20))
        data = next(data for data in splits if 19 in data.split.validation)
        found = ClassNorms(data).deviations(np.arange(20))
        assert found[19].tolist() == [0.0]
        assert np.isfinite(found).all()
        assert found[:19].any()


@pytest.mark.parametrize(
    ("deviations", "expected"),
    [
        ([0.0, -3.0, 2.0, 3.0], [Deviation(1, -3.0), Deviation(3, 3.0)]),
        ([0.0, 0.5], [Deviation(1, 0.5)]),
        ([0.0, 0.0], []),
    ],
)
def test_farthest(deviations: list[float], expected: list[Deviation]) -> None:
    assert farthest(np.array(deviations), 2) == expected
