from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from engine.hyperparameters import TrainingConfig
from engine.progress import EpochRecord
from engine.stopping import Check, StoppingRules, StopReason


def check(train: float = 1.0, validation: float = nan, norm: float = nan, mark: float = 0.0) -> Check:
    return Check(EpochRecord(0, train, nan, validation, nan), norm, np.array([mark]))


def reasons(config: TrainingConfig, checks: list[Check]) -> list[StopReason | None]:
    rules = StoppingRules()
    return [rules.reason(config, one) for one in checks]


class TestReasons:
    def test_every_reason_has_a_sentence_of_its_own(self) -> None:
        sentences = [reason.sentence for reason in StopReason]
        assert len(set(sentences)) == len(StopReason)
        assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)


class TestNoRules:
    def test_nothing_stops_a_training_without_tolerances(self) -> None:
        checks = [check(1.0, 2.0, 0.0), check(1.0, 2.0, 0.0), check(1.0, 5.0, 0.0)]
        assert reasons(TrainingConfig(), checks) == [None, None, None]


class TestGradientTolerance:
    CONFIG = TrainingConfig(gradient_tolerance=1e-3)

    @pytest.mark.parametrize(
        ("norm", "stops"), [(0.0, True), (1e-3, True), (1.1e-3, False), (nan, False), (inf, False)]
    )
    def test_a_short_gradient_ends_it(self, norm: float, stops: bool) -> None:
        assert reasons(self.CONFIG, [check(norm=norm)]) == [StopReason.GRADIENT_SMALL if stops else None]


class TestCostTolerance:
    CONFIG = TrainingConfig(cost_tolerance=0.01)

    @pytest.mark.parametrize("second", [0.995, 1.0, 1.005])
    def test_a_small_change_either_way_ends_it(self, second: float) -> None:
        assert reasons(self.CONFIG, [check(1.0), check(second)]) == [None, StopReason.COST_SETTLED]

    @pytest.mark.parametrize("second", [0.98, 1.02, nan])
    def test_a_large_change_does_not(self, second: float) -> None:
        assert reasons(self.CONFIG, [check(1.0), check(second)]) == [None, None]

    def test_changes_are_measured_from_check_to_check(self) -> None:
        costs = [1.0, 0.9, 0.8, 0.7999]
        expected = [None, None, None, StopReason.COST_SETTLED]
        assert reasons(self.CONFIG, [check(cost) for cost in costs]) == expected

    def test_the_tolerance_is_a_share_of_the_cost(self) -> None:
        assert reasons(self.CONFIG, [check(1e-6), check(0.9e-6)]) == [None, None]
        assert reasons(self.CONFIG, [check(1e6), check(0.995e6)]) == [None, StopReason.COST_SETTLED]

    def test_a_cost_of_0_has_settled(self) -> None:
        assert reasons(self.CONFIG, [check(0.0), check(0.0)]) == [None, StopReason.COST_SETTLED]


class TestPatience:
    CONFIG = TrainingConfig(patience=2)

    def test_ends_after_so_many_checks_without_a_lower_cost(self) -> None:
        costs = [3.0, 2.0, 2.5, 1.0, 1.0, 1.5]
        expected = [None, None, None, None, None, StopReason.NO_IMPROVEMENT]
        assert reasons(self.CONFIG, [check(validation=cost) for cost in costs]) == expected

    def test_keeps_the_weights_of_the_lowest_cost(self) -> None:
        rules = StoppingRules()
        for mark, cost in enumerate([3.0, 1.0, 2.0, 1.0]):
            rules.reason(self.CONFIG, check(validation=cost, mark=mark))
        assert rules.best is not None
        assert rules.best.theta.tolist() == [1.0]

    def test_nan_is_never_an_improvement(self) -> None:
        checks = [check(validation=1.0, mark=1.0), check(validation=nan), check(validation=nan)]
        rules = StoppingRules()
        assert [rules.reason(self.CONFIG, one) for one in checks] == [None, None, StopReason.NO_IMPROVEMENT]
        assert rules.best is not None
        assert rules.best.theta.tolist() == [1.0]

    def test_a_patience_of_1_allows_no_step_back(self) -> None:
        config = TrainingConfig(patience=1)
        checks = [check(validation=1.0), check(validation=0.5), check(validation=0.5)]
        assert reasons(config, checks) == [None, None, StopReason.NO_IMPROVEMENT]

    def test_is_off_at_0_and_keeps_no_weights(self) -> None:
        rules = StoppingRules()
        assert [rules.reason(TrainingConfig(), check(validation=cost)) for cost in (1.0, 2.0, 3.0)] == [None] * 3
        assert rules.best is None


def test_the_gradient_speaks_before_the_cost_and_the_cost_before_patience() -> None:
    everything = {"gradient_tolerance": 1e-3, "cost_tolerance": 0.1, "patience": 1}
    first, second = check(1.0, 1.0, 1.0), check(1.0, 1.0, 0.0)
    assert reasons(TrainingConfig(**everything), [first, second])[1] is StopReason.GRADIENT_SMALL
    del everything["gradient_tolerance"]
    assert reasons(TrainingConfig(**everything), [first, second])[1] is StopReason.COST_SETTLED
    del everything["cost_tolerance"]
    assert reasons(TrainingConfig(**everything), [first, second])[1] is StopReason.NO_IMPROVEMENT


def test_settings_may_change_from_check_to_check() -> None:
    rules = StoppingRules()
    assert rules.reason(TrainingConfig(), check(1.0)) is None
    assert rules.reason(TrainingConfig(cost_tolerance=0.01), check(1.0)) is StopReason.COST_SETTLED
