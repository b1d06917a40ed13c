from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patients import course_with

from engine.analysis import prior_entropy
from engine.diagnosis import Symptom, chance_cost, course_of, find_symptom
from engine.diagnosis.symptoms import has_settled
from engine.examples import Examples
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import objectives
from engine.progress import EpochRecord, Progress
from engine.stopping import StopReason

EPOCHS = np.arange(100)
FALLING = 1.1 * np.exp(-EPOCHS / 30) + 0.1
NOISE = np.random.default_rng(0).normal(size=100)


@pytest.mark.parametrize(
    ("costs", "symptom"),
    [
        (FALLING, None),
        (FALLING[:15], None),
        (1.1 + 0.02 * EPOCHS, Symptom.RISEN),
        (np.concatenate([FALLING[:50], FALLING[49] + 0.05 * EPOCHS[:50]]), Symptom.RISEN),
        (0.6 + 0.3 * (-1.0) ** EPOCHS, Symptom.OSCILLATES),
        (0.6 + 0.3 * np.cos(EPOCHS / 2), Symptom.OSCILLATES),
        (FALLING + 0.3 * FALLING * (-1.0) ** EPOCHS, None),  # swings, and comes down
        (30.0 - 0.1 * EPOCHS, Symptom.WORSE_THAN_CHANCE),
        (np.full(100, 1.09), Symptom.STANDS_STILL),
        (np.full(30, 1.09), None),
        (1.1 - 0.001 * EPOCHS, None),  # slow, but it will come far in a thousand epochs
        (1.1 - 1e-6 * EPOCHS, Symptom.STANDS_STILL),
        (np.full(100, 0.3), None),  # something has been learnt
        ([], None),
        ([1.1], None),
    ],
)
def test_full_batch_courses(costs: np.ndarray, symptom: Symptom | None) -> None:
    if symptom is Symptom.OSCILLATES:
        costs = np.concatenate([[1.1], costs])
    assert find_symptom(course_with(costs)) is symptom


@pytest.mark.parametrize("shake", [0.02, 0.1, 0.2])
def test_batches_may_shake_the_cost(shake: float) -> None:
    costs = FALLING * (1.0 + shake * NOISE)
    assert find_symptom(course_with(costs, full_batch=False)) is None


def test_a_cost_that_is_not_finite_needs_no_second_check() -> None:
    assert find_symptom(course_with([1.1], stop_reason=StopReason.DIVERGED)) is Symptom.NOT_FINITE


def test_long_epochs_are_judged_by_their_steps() -> None:
    high = course_with([1.1], full_batch=False, batch_costs=np.concatenate([np.full(20, 1.0), np.full(300, 9.0)]))
    assert find_symptom(high) is Symptom.RISEN
    one_low = course_with([1.1], full_batch=False, batch_costs=np.r_[np.full(319, 9.0), 1.0])
    assert find_symptom(one_low) is None
    assert find_symptom(course_with([1.1], full_batch=False, batch_costs=np.full(100, 9.0))) is None


def test_warming_up_is_not_standing_still() -> None:
    costs = np.full(100, 1.09)
    assert find_symptom(course_with(costs, TrainingConfig(warm_up_epochs=80, batch_size=0))) is None
    assert find_symptom(course_with(costs, TrainingConfig(warm_up_epochs=20, batch_size=0))) is Symptom.STANDS_STILL


class TestGrowingWeights:
    costs = 1.0 / (1.0 + np.arange(300.0))

    def test_all_right_without_a_penalty(self) -> None:
        config = TrainingConfig(l2=0.0)
        assert find_symptom(course_with(self.costs, config, accuracy=1.0)) is Symptom.WEIGHTS_GROW
        assert find_symptom(course_with(self.costs, config, accuracy=0.99)) is None
        assert find_symptom(course_with(self.costs[:80], config, accuracy=1.0)) is None

    @pytest.mark.parametrize(
        "config",
        [
            TrainingConfig(l2=0.001),
            TrainingConfig(l2=0.0, l1=0.001),
            TrainingConfig(l2=0.0, hidden_layers=(4,)),
            TrainingConfig(l2=0.0, optimizer="adamw"),
        ],
        ids=["l2", "l1", "hidden layers", "weight decay"],
    )
    def test_nothing_to_tell_where_something_holds_them(self, config: TrainingConfig) -> None:
        assert find_symptom(course_with(self.costs, config, accuracy=1.0)) is None

    def test_settled(self) -> None:
        assert has_settled(course_with(np.full(100, 1e-9)))
        assert not has_settled(course_with(self.costs))


def test_costs_from_before_a_change_do_not_count(iris) -> None:
    config, history = TrainingConfig(batch_size=0), History(1)
    costs = np.concatenate([np.full(40, 0.1), np.full(60, 5.0)])
    records = tuple(EpochRecord(e, float(c), 0.5, np.nan, np.nan, weight_norm=1.0) for e, c in enumerate(costs))
    history.append(Progress(99, 99, 0, np.full(99, 1.0), records, np.zeros(15), 0.0, None))
    assert find_symptom(course_of(history, iris, config, 10.0)) is Symptom.RISEN
    changed = course_of(history, iris, config, 10.0, None, ((39, config),))
    assert changed.epochs.epoch[0] == 40
    assert find_symptom(changed) is None
    assert find_symptom(course_of(history, iris, config, 10.0, None, ((99, config),))) is None


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"label_smoothing": 0.2},
        {"class_weighting": "balanced"},
        {"class_weighting": "given", "class_weights": (1.0, 5.0, 0.2, 3.0), "label_smoothing": 0.1},
    ],
)
def test_the_cost_of_guessing_is_that_of_the_analysis(settings: dict) -> None:
    y = np.repeat([0, 1, 3], [50, 7, 20])
    data, config = Examples.of(np.ones((77, 2)), y, n_classes=4), TrainingConfig(**settings)
    expected = prior_entropy(objectives(data, replace(config, precision="float64"))[0])
    assert chance_cost(data, config) == pytest.approx(expected, rel=1e-12)


@given(
    st.lists(st.floats(0, 1e30) | st.just(np.nan), max_size=80),
    st.booleans(),
    st.sampled_from([None, StopReason.EPOCHS_REACHED]),
)
def test_any_record_can_be_looked_at(costs: list[float], full_batch: bool, reason: StopReason | None) -> None:
    found = find_symptom(course_with(costs, full_batch=full_batch, stop_reason=reason))
    assert found is None or found.sentence.endswith(".")
