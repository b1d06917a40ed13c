from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from engine.errors import SettingError
from engine.hyperparameters import TRAINING_GROUPS, TRAINING_SPECS, TrainingConfig
from engine.network import Network
from engine.optimizers import REGISTRY, AdamW, Lbfgs, NewtonCg
from engine.specs import ChoiceSpec, IntegerSpec, ListSpec, RealSpec, Spec, SwitchSpec

SPECS = {spec.key: spec for spec in TRAINING_SPECS}
NUMERIC = [spec for spec in TRAINING_SPECS if isinstance(spec, (RealSpec, IntegerSpec))]

HUGE = pytest.param(10**400, id="10**400")  # no float can hold it


def values(spec: Spec) -> st.SearchStrategy[Any]:
    """Everything that ``spec`` allows."""
    if isinstance(spec, RealSpec):
        return st.floats(spec.low, spec.high, exclude_min=spec.low_open)
    if isinstance(spec, IntegerSpec):
        return st.integers(spec.low, spec.high)
    if isinstance(spec, SwitchSpec):
        return st.booleans()
    if isinstance(spec, ListSpec):
        return st.lists(values(spec.item), max_size=min(spec.most, 12)).map(tuple)
    assert isinstance(spec, ChoiceSpec)
    return st.sampled_from([key for key, _ in spec.choices])


def refusal(**settings: Any) -> SettingError:
    with pytest.raises(SettingError) as caught:
        TrainingConfig(**settings)
    return caught.value


def test_specs_and_fields_are_the_same_settings_with_the_same_defaults() -> None:
    assert {spec.key: spec.default for spec in TRAINING_SPECS} == {f.name: f.default for f in fields(TrainingConfig)}
    assert len(SPECS) == len(TRAINING_SPECS)


def test_every_spec_has_words_for_the_user() -> None:
    for spec in TRAINING_SPECS:
        assert spec.label.strip()
        assert spec.help.endswith(".")


def test_the_defaults_are_allowed() -> None:
    config = TrainingConfig()
    assert all(spec.check(getattr(config, spec.key)) == spec.default for spec in TRAINING_SPECS)


def test_the_groups_are_all_specs_each_once() -> None:
    grouped = [spec.key for _, specs in TRAINING_GROUPS for spec in specs]
    assert grouped == list(SPECS)
    assert len({title for title, _ in TRAINING_GROUPS}) == len(TRAINING_GROUPS)


def applying(**settings: Any) -> set[str]:
    """The keys that matter beside ``settings``."""
    config = TrainingConfig(**settings)
    return {spec.key for spec in TRAINING_SPECS if spec.applies(config)}


OF_OPTIMIZERS = {
    "gradient_descent": set(),
    "momentum": {"momentum"},
    "nesterov": {"momentum"},
    "rmsprop": {"rmsprop_decay"},
    "adam": {"beta1", "beta2"},
    "adamw": {"beta1", "beta2", "weight_decay"},
    "lbfgs": {"lbfgs_memory"},
    "newton_cg": set(),
}
OF_SOME_OPTIMIZERS = {"momentum", "rmsprop_decay", "beta1", "beta2", "weight_decay", "lbfgs_memory"}
OF_BATCHES = {"learning_rate", "schedule", "warm_up_epochs", "batch_size", "shuffle"}
FULL_BATCH = {"lbfgs", "newton_cg"}


class TestApplies:
    def test_every_optimizer_is_looked_at(self) -> None:
        assert set(OF_OPTIMIZERS) == set(REGISTRY)

    @pytest.mark.parametrize("optimizer", OF_OPTIMIZERS)
    def test_an_optimizer_is_asked_for_its_own_settings_alone(self, optimizer: str) -> None:
        found = applying(optimizer=optimizer)
        assert found & OF_SOME_OPTIMIZERS == OF_OPTIMIZERS[optimizer]
        assert found & OF_BATCHES == (set() if optimizer in FULL_BATCH else OF_BATCHES)

    @pytest.mark.parametrize(
        ("schedule", "keys"),
        [
            ("constant", set()),
            ("step", {"decay_factor", "decay_epochs"}),
            ("exponential", {"decay_factor", "decay_epochs"}),
            ("cosine", set()),
            ("inverse_time", {"decay_epochs"}),
        ],
    )
    def test_a_schedule_has_what_it_needs(self, schedule: str, keys: set[str]) -> None:
        decays = {"decay_factor", "decay_epochs"}
        assert applying(schedule=schedule) & decays == keys
        assert applying(schedule=schedule, optimizer="lbfgs") & decays == set()

    def test_the_full_batch_has_no_order(self) -> None:
        assert "shuffle" in applying(batch_size=1)
        assert "shuffle" not in applying(batch_size=0)

    def test_an_activation_needs_a_hidden_layer(self) -> None:
        assert "activation" not in applying()
        assert "activation" in applying(hidden_layers=(3,))

    def test_weights_of_classes_matter_only_as_given(self) -> None:
        given = [
            choice
            for choice, _ in SPECS["class_weighting"].choices
            if "class_weights" in applying(class_weighting=choice)
        ]
        assert given == ["given"]

    @pytest.mark.parametrize(
        ("settings", "draws"),
        [
            ({}, False),
            ({"hidden_layers": (3,)}, True),
            ({"initialization": "zeros"}, False),
            ({"initialization": "normal"}, True),
            ({"initialization": "glorot"}, True),
            ({"initialization": "he", "hidden_layers": (3,)}, True),
        ],
    )
    def test_only_what_is_drawn_has_a_scale(self, settings: dict[str, Any], draws: bool) -> None:
        assert ("initialization_scale" in applying(**settings)) is draws
        assert TrainingConfig(**settings).draws_first_weights is draws


@pytest.mark.parametrize("spec", TRAINING_SPECS, ids=SPECS)
@given(data=st.data())
def test_a_configuration_survives_being_written_and_read(spec: Spec, data: st.DataObject) -> None:
    value = data.draw(values(spec))
    config = TrainingConfig(**{spec.key: value})
    assert getattr(config, spec.key) == value
    assert type(getattr(config, spec.key)) is type(spec.default)
    assert TrainingConfig(**{spec.key: spec.parse(spec.format(value))}) == config


@pytest.mark.parametrize("spec", NUMERIC, ids=lambda spec: spec.key)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1, 1e300, HUGE])
def test_numbers_out_of_range_are_refused_with_the_range(spec: Spec, value: float) -> None:
    error = refusal(**{spec.key: value})
    assert error.key == spec.key
    assert spec.label in str(error)
    assert spec.range_text in str(error)


@pytest.mark.parametrize("spec", NUMERIC, ids=lambda spec: spec.key)
@pytest.mark.parametrize("value", ["0.1", "", None, True, False])
def test_what_is_no_number_is_refused(spec: Spec, value: Any) -> None:
    error = refusal(**{spec.key: value})
    assert error.key == spec.key
    assert "number" in str(error)
    assert repr(value) in str(error)


@pytest.mark.parametrize("value", [0, 0.0, -0.0, -0.1])
def test_a_learning_rate_that_cannot_learn_is_refused(value: float) -> None:
    error = refusal(learning_rate=value)
    assert error.key == "learning_rate"
    assert "greater than 0 and at most 1,000,000" in str(error)


def test_a_mistyped_optimizer_is_answered_with_the_nearest_one() -> None:
    error = refusal(optimizer="gradient_decent")
    assert error.key == "optimizer"
    assert ", ".join(REGISTRY) in str(error)
    assert str(error).endswith("Did you mean gradient_descent?")


def test_settings_are_stored_as_their_specs_types() -> None:
    config = TrainingConfig(learning_rate=1, epochs=10.0)
    assert (type(config.learning_rate), type(config.epochs)) == (float, int)


def test_a_configuration_is_frozen() -> None:
    config = TrainingConfig()
    with pytest.raises(FrozenInstanceError):
        config.seed = 1


@pytest.mark.parametrize(("batch_size", "rows"), [(0, 150), (1, 1), (32, 32), (150, 150)])
def test_rows_per_step_is_the_batch_size_or_everything(batch_size: int, rows: int) -> None:
    assert TrainingConfig(batch_size=batch_size).rows_per_step(150) == rows


def test_a_batch_larger_than_the_training_rows_is_refused_with_both_numbers() -> None:
    with pytest.raises(SettingError, match=r"1,201 rows.*1,200 training rows.*at most 1,200.*full batch") as caught:
        TrainingConfig(batch_size=1201).rows_per_step(1200)
    assert caught.value.key == "batch_size"


@pytest.mark.parametrize("optimizer", REGISTRY)
@pytest.mark.parametrize(("batch_size", "rows"), [(0, 150), (32, 32)])
def test_rows_per_step_is_everything_where_the_optimizer_needs_all_rows(
    optimizer: str, batch_size: int, rows: int
) -> None:
    config = TrainingConfig(optimizer=optimizer, batch_size=batch_size)
    assert config.rows_per_step(150) == (150 if optimizer in FULL_BATCH else rows)


@pytest.mark.parametrize("optimizer", FULL_BATCH)
def test_no_batch_is_too_large_for_what_ignores_batches(optimizer: str) -> None:
    assert TrainingConfig(optimizer=optimizer, batch_size=10_000).rows_per_step(150) == 150


@pytest.mark.parametrize("key", REGISTRY)
def test_makes_the_optimizer_it_names(key: str) -> None:
    optimizer = TrainingConfig(optimizer=key, learning_rate=0.25).make_optimizer(10)
    assert type(optimizer).__name__.lower() == key.replace("_", "")
    assert optimizer.full_batch is (key in FULL_BATCH)
    if key not in FULL_BATCH:
        assert [optimizer.learning_rate(step) for step in (0, 1, 1000)] == [0.25] * 3


def test_an_optimizer_gets_its_settings() -> None:
    settings = {"momentum": 0.7, "rmsprop_decay": 0.6, "beta1": 0.5, "beta2": 0.4, "weight_decay": 0.3}

    def made(key: str) -> Any:
        return TrainingConfig(optimizer=key, lbfgs_memory=3, **settings).make_optimizer(10)

    assert (made("momentum").momentum, made("nesterov").momentum, made("rmsprop").decay) == (0.7, 0.7, 0.6)
    assert (made("adam").beta1, made("adam").beta2) == (0.5, 0.4)
    adamw = made("adamw")
    assert isinstance(adamw, AdamW)
    assert (adamw.beta1, adamw.beta2, adamw.weight_decay) == (0.5, 0.4, 0.3)
    assert made("lbfgs") == Lbfgs(3)
    assert made("newton_cg") == NewtonCg()


def rates(at: list[float], **settings: Any) -> list[float]:
    """The learning rate of the first step after so many epochs, of 10 steps each; the first rate is 1."""
    optimizer = TrainingConfig(learning_rate=1.0, **settings).make_optimizer(10)
    return [optimizer.learning_rate(round(10 * epoch)) for epoch in at]


class TestSchedules:
    """The periods of a schedule are epochs, whatever the batch size."""

    def test_step(self) -> None:
        settings = {"schedule": "step", "decay_factor": 0.1, "decay_epochs": 4}
        assert rates([0, 3.9, 4, 7.9, 8], **settings) == pytest.approx([1, 1, 0.1, 0.1, 0.01], rel=1e-12)

    def test_exponential(self) -> None:
        settings = {"schedule": "exponential", "decay_factor": 0.25, "decay_epochs": 4}
        assert rates([0, 2, 4, 8], **settings) == pytest.approx([1, 0.5, 0.25, 0.0625], rel=1e-12)

    def test_cosine_ends_at_0_with_the_last_epoch(self) -> None:
        expected = [1, 0.75, 0.5, 0.25, 0, 0]
        assert rates([0, 10, 15, 20, 30, 40], schedule="cosine", epochs=30) == pytest.approx(expected, abs=1e-12)

    def test_inverse_time(self) -> None:
        found = rates([0, 4, 8, 12], schedule="inverse_time", decay_epochs=4)
        assert found == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4], rel=1e-12)

    @pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
    def test_a_warm_up_rises_to_the_first_rate_and_then_the_schedule_begins(self, schedule: str) -> None:
        found = rates([step / 10 for step in range(21)], schedule=schedule, warm_up_epochs=2, epochs=10)
        assert np.diff(found[:20]) == pytest.approx([found[1] - found[0]] * 19, rel=1e-9)
        assert 0 < found[0] < found[19] < found[20] == 1.0

    def test_cosine_still_ends_with_the_last_epoch_after_a_warm_up(self) -> None:
        assert rates([10], schedule="cosine", warm_up_epochs=2, epochs=10) == pytest.approx([0.0], abs=1e-12)


class TestModel:
    def test_the_network_that_is_asked_for(self) -> None:
        config = TrainingConfig(hidden_layers=[5, 3], activation="relu")
        assert config.hidden_layers == (5, 3)
        assert config.make_network(4, 2) == Network(4, 2, (5, 3), "relu")
        assert config.make_network(4, 2).sizes == (4, 5, 3, 2)

    def test_precision_is_the_type_of_theta(self) -> None:
        assert [TrainingConfig(precision=p).dtype for p in ("float32", "float64")] == [np.float32, np.float64]

    @pytest.mark.parametrize(
        ("settings", "key"),
        [({"initialization": "zeros"}, "initialization"), ({"initialization_scale": 0.0}, "initialization_scale")],
    )
    def test_hidden_units_that_would_stay_alike_are_refused(self, settings: dict[str, Any], key: str) -> None:
        assert refusal(hidden_layers=(4,), **settings).key == key
        assert TrainingConfig(**settings).hidden_layers == ()

    @pytest.mark.parametrize("value", [(0,), (-1,), (1025,), (1.5,), ("a",), (1, 2, 3, 4, 5), 8, "8", None])
    def test_layers_that_cannot_be_are_refused(self, value: Any) -> None:
        error = refusal(hidden_layers=value)
        assert error.key == "hidden_layers"
        assert "from 1 to 1,024" in str(error)

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    def test_the_kinks_of_l1_are_refused_where_a_cost_has_to_be_smooth(self, optimizer: str) -> None:
        error = refusal(optimizer=optimizer, l1=0.1)
        assert error.key == "l1"
        assert REGISTRY[optimizer].label in str(error)


Y = np.array([0] * 6 + [1] * 3 + [2])


class TestWeightsOfClasses:
    def test_none(self) -> None:
        assert TrainingConfig().weights_of_classes(Y, 3) is None

    def test_balanced_are_scikit_learns(self) -> None:
        expected = compute_class_weight("balanced", classes=np.arange(3), y=Y)
        found = TrainingConfig(class_weighting="balanced").weights_of_classes(Y, 3)
        np.testing.assert_allclose(found, expected, rtol=1e-12)

    @given(weights=st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3))
    def test_given_ones_keep_their_proportions_and_are_1_on_average_over_the_rows(self, weights: list[float]) -> None:
        found = TrainingConfig(class_weighting="given", class_weights=tuple(weights)).weights_of_classes(Y, 3)
        assert found[Y].mean() == pytest.approx(1.0, rel=1e-12)
        np.testing.assert_allclose(found / found[0], np.array(weights) / weights[0], rtol=1e-12)

    def test_a_class_without_rows_is_harmless(self) -> None:
        found = TrainingConfig(class_weighting="balanced").weights_of_classes(Y, 4)
        assert np.isfinite(found).all()
        assert found[Y].mean() == pytest.approx(1.0)

    @pytest.mark.parametrize("weights", [(), (1.0, 2.0), (1.0, 2.0, 3.0, 4.0)])
    def test_another_number_of_them_is_refused_with_both_numbers(self, weights: tuple[float, ...]) -> None:
        config = TrainingConfig(class_weighting="given", class_weights=weights)
        with pytest.raises(SettingError, match=f"3 classes.*not {len(weights)}") as caught:
            config.weights_of_classes(Y, 3)
        assert caught.value.key == "class_weights"

    @pytest.mark.parametrize("weights", [(0.0,), (-1.0,), (math.nan,), (math.inf,), ("1",)])
    def test_what_is_no_weight_is_refused(self, weights: tuple[Any, ...]) -> None:
        assert refusal(class_weights=weights).key == "class_weights"


LIVE = {
    "learning_rate": 0.5,
    "schedule": "step",
    "decay_factor": 0.3,
    "decay_epochs": 3,
    "warm_up_epochs": 2,
    "momentum": 0.5,
    "rmsprop_decay": 0.5,
    "beta1": 0.5,
    "beta2": 0.5,
    "weight_decay": 0.5,
    "l2": 0.5,
    "l1": 0.5,
    "epochs": 7,
    "check_every": 2,
    "patience": 3,
    "cost_tolerance": 0.5,
    "gradient_tolerance": 0.5,
    "time_limit": 5,
}
FIXED = {
    "optimizer": "adam",
    "lbfgs_memory": 5,
    "batch_size": 7,
    "shuffle": False,
    "class_weighting": "balanced",
    "class_weights": (1.0, 2.0),
    "label_smoothing": 0.1,
    "hidden_layers": (4,),
    "activation": "relu",
    "initialization": "he",
    "initialization_scale": 0.5,
    "precision": "float64",
    "seed": 7,
}


def test_live_and_fixed_settings_are_all_settings() -> None:
    assert {spec.key for spec in TRAINING_SPECS if spec.live} == set(LIVE)
    assert set(LIVE) | set(FIXED) == set(SPECS)


def test_live_settings_may_change_in_mid_run() -> None:
    TrainingConfig().check_change(replace(TrainingConfig(), **LIVE))


@pytest.mark.parametrize("key", FIXED)
def test_other_settings_may_not_change_in_mid_run(key: str) -> None:
    with pytest.raises(SettingError, match=f"{SPECS[key].label} takes effect with the next run") as caught:
        TrainingConfig().check_change(replace(TrainingConfig(), **LIVE, **{key: FIXED[key]}))
    assert caught.value.key == key
