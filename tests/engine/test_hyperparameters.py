from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.hyperparameters import TRAINING_SPECS, TrainingConfig
from engine.optimizers import REGISTRY
from engine.specs import ChoiceSpec, IntegerSpec, RealSpec, Spec

SPECS = {spec.key: spec for spec in TRAINING_SPECS}
NUMERIC = [spec for spec in TRAINING_SPECS if isinstance(spec, (RealSpec, IntegerSpec))]

HUGE = pytest.param(10**400, id="10**400")  # no float can hold it


def values(spec: Spec) -> st.SearchStrategy[Any]:
    """Everything that ``spec`` allows."""
    if isinstance(spec, RealSpec):
        return st.floats(spec.low, spec.high, exclude_min=spec.low_open)
    if isinstance(spec, IntegerSpec):
        return st.integers(spec.low, spec.high)
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


def test_only_for_names_registered_optimizers() -> None:
    assert {key for spec in TRAINING_SPECS for key in spec.only_for} <= set(REGISTRY)


@pytest.mark.parametrize("spec", TRAINING_SPECS, ids=SPECS)
@given(data=st.data())
def test_a_configuration_survives_being_written_and_read(spec: Spec, data: st.DataObject) -> None:
    value = data.draw(values(spec))
    config = TrainingConfig(**{spec.key: value})
    assert getattr(config, spec.key) == value
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
    assert "gradient_descent, momentum, adam" in str(error)
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


@pytest.mark.parametrize("key", REGISTRY)
def test_makes_the_optimizer_it_names(key: str) -> None:
    optimizer = TrainingConfig(optimizer=key, learning_rate=0.25).make_optimizer()
    assert type(optimizer).__name__.lower() == key.replace("_", "")
    assert optimizer.learning_rate == 0.25


LIVE = {"learning_rate": 0.5, "momentum": 0.5, "epochs": 7, "l2": 0.5}
FIXED = {"optimizer": "adam", "batch_size": 7, "initialization_scale": 0.5, "seed": 7}


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
