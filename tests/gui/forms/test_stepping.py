import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hyperparameters.cost import L2
from engine.hyperparameters.model import SEED
from engine.hyperparameters.optimization import BATCH_SIZE, LEARNING_RATE, MOMENTUM
from engine.hyperparameters.stopping import EPOCHS
from engine.specs import IntegerSpec, RealSpec
from gui.forms.stepping import stepped

NUMBERS = [LEARNING_RATE, MOMENTUM, BATCH_SIZE, EPOCHS, L2, SEED]


@pytest.mark.parametrize(
    ("spec", "value", "up", "down"),
    [
        (LEARNING_RATE, 0.1, 0.2, 0.05),
        (LEARNING_RATE, 0.2, 0.5, 0.1),
        (LEARNING_RATE, 0.5, 1.0, 0.2),
        (LEARNING_RATE, 0.3, 0.5, 0.2),
        (LEARNING_RATE, 1e-7, 2e-7, None),
        (L2, 0.0, 1e-4, 0.0),
        (L2, 1e-4, 2e-4, 0.0),
        (MOMENTUM, 0.9, 0.95, 0.85),
        (MOMENTUM, 0.0, 0.05, 0.0),
        (BATCH_SIZE, 32, 64, 16),
        (BATCH_SIZE, 100, 200, 50),
        (BATCH_SIZE, 1, 2, 0),
        (BATCH_SIZE, 0, 1, 0),
        (EPOCHS, 1, 2, 1),
        (SEED, 0, 1, 0),
        (SEED, 41, 42, 40),
    ],
)
def test_one_press(spec: RealSpec | IntegerSpec, value: float, up: float, down: float | None) -> None:
    assert stepped(spec, value, 1) == up
    if down is not None:
        assert stepped(spec, value, -1) == down


def test_page_keys_make_many_steps() -> None:
    assert stepped(LEARNING_RATE, 0.1, 3) == 1.0
    assert stepped(LEARNING_RATE, 1.0, -3) == 0.1
    assert stepped(SEED, 0, 10) == 10
    assert stepped(SEED, 5, 0) == 5


@pytest.mark.parametrize("spec", NUMBERS, ids=lambda spec: spec.key)
@pytest.mark.parametrize("steps", [200, -200])
def test_the_range_ends_the_steps(spec: RealSpec | IntegerSpec, steps: int) -> None:
    end = stepped(spec, spec.default, steps)
    assert spec.check(end) == end
    if steps > 0 and spec is not SEED:
        assert end == spec.high


@given(spec=st.sampled_from(NUMBERS), data=st.data())
def test_up_grows_down_shrinks_and_all_is_allowed(spec: RealSpec | IntegerSpec, data: st.DataObject) -> None:
    bounds = {"min_value": spec.low, "max_value": spec.high}
    numbers = (
        st.integers(**bounds)
        if isinstance(spec, IntegerSpec)
        else st.floats(**bounds, exclude_min=spec.low_open, allow_subnormal=False)
    )
    value = data.draw(numbers)
    up, down = stepped(spec, value, 1), stepped(spec, value, -1)
    assert spec.check(up) == up
    assert spec.check(down) == down
    assert up > value or up == spec.high
    assert down < value or down == spec.low or spec.low_open
