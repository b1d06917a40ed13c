from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.preparation import PreparedData
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.keyframes import Keyframes
from engine.problem import evaluate, steps_per_epoch
from engine.progress import Best, EpochRecord, Moment, Progress
from engine.training import train


def progress(step: int, *, size: int = 4, best: int | None = None) -> Progress:
    """A progress whose weights tell the step they are of."""
    found = None
    if best is not None:
        found = Best(EpochRecord(best, 0.5, 0.5, 0.5, 0.5), Moment(best, best, np.full(size, float(best))))
    return Progress(
        step=step,
        epoch=step // 10,
        examples=step,
        batch_costs=np.empty(0),
        epochs=(),
        theta=np.full(size, float(step)),
        seconds=0.0,
        stop_reason=None,
        best=found,
    )


def kept_of(steps: list[int], **limits: int) -> list[int]:
    keyframes = Keyframes(**limits)
    for step in steps:
        keyframes.append(progress(step))
    return [moment.step for moment in keyframes.moments]


def test_all_of_a_few_are_kept() -> None:
    assert kept_of(list(range(100))) == list(range(100))


def test_without_a_moment_there_is_none() -> None:
    assert Keyframes().moments == ()


@given(st.lists(st.integers(1, 400), min_size=1, max_size=300), st.integers(5, 40))
def test_first_and_newest_are_always_there_and_never_too_many(gaps: list[int], most: int) -> None:
    steps = [0, *np.cumsum(gaps).tolist()]
    keyframes = Keyframes(most_moments=most)
    for step in steps:
        keyframes.append(progress(step))
        kept = [moment.step for moment in keyframes.moments]
        assert kept == sorted(set(kept))
        assert kept[0] == 0
        assert kept[-1] == step
        assert len(kept) <= most
        assert all(moment.theta[0] == moment.step for moment in keyframes.moments)


def test_they_lie_evenly_on_a_logarithmic_scale() -> None:
    kept = kept_of(list(range(200_001)), most_moments=100)
    assert 40 <= len(kept) <= 100
    late = np.diff(np.log(kept[len(kept) // 2 :])[:-1])
    assert late.max() < 2.5 * late.min()
    assert late.max() < np.log(200_000) / 20
    assert np.diff(kept).max() > 100 * np.diff(kept)[1]


def test_memory_is_bounded() -> None:
    keyframes = Keyframes(most_bytes=10 * 8 * 1000)
    for step in range(5000):
        keyframes.append(progress(step, size=1000))
        assert sum(moment.theta.nbytes for moment in keyframes.moments) <= 10 * 8 * 1000


def test_weights_larger_than_the_limit_leave_the_first_the_best_and_the_newest() -> None:
    keyframes = Keyframes(most_bytes=1)
    for step in range(50):
        keyframes.append(progress(step, best=min(step, 30)))
    steps = [moment.step for moment in keyframes.moments]
    assert {0, 30, 49} <= set(steps)
    assert len(steps) <= 4


def test_what_was_read_stays() -> None:
    keyframes = Keyframes(most_moments=8)
    for step in range(8):
        keyframes.append(progress(step))
    before = keyframes.moments
    copy = list(before)
    for step in range(8, 1000):
        keyframes.append(progress(step))
    assert list(before) == copy


@pytest.mark.parametrize("check_every", [1, 3])
def test_a_training_keeps_the_weights_of_its_lowest_validation_cost(iris: PreparedData, check_every: int) -> None:
    config = TrainingConfig(epochs=60, learning_rate=1.5, check_every=check_every, batch_size=8)
    history = History(steps_per_epoch(iris, config))
    for found in train(iris, config):
        history.append(found)
    series, best = history.epochs, history.best
    assert best is not None
    lowest = int(series.validation_cost.argmin())
    assert best.record.epoch == series.epoch[lowest]
    assert best.record.validation_cost == series.validation_cost[lowest]
    assert best.moment.step in [moment.step for moment in history.moments]
    _, validation = evaluate(iris, config, best.moment.theta)
    assert validation.cost == best.record.validation_cost


def test_a_training_can_start_from_a_kept_moment(iris: PreparedData) -> None:
    config = TrainingConfig(epochs=4, shuffle=False)
    *_, first = train(iris, config)
    *_, whole = train(iris, TrainingConfig(epochs=8, shuffle=False))
    *_, second = train(iris, config, start=first.theta)
    np.testing.assert_array_equal(second.theta, whole.theta)
