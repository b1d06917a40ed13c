import csv
import io
import math
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.preparation import PreparationConfig
from engine.data.table import Table
from engine.hyperparameters import TrainingConfig
from engine.problem import network_for
from gui.loading import LoadedData, load_data
from gui.plots.weight_colours import NEUTRAL, NO_NUMBER, levels_of, rounded_up, strongest
from gui.plots.weight_values import ShownWeights, View, Wish, as_csv, marks, work_out, written, written_ratio

NAMES = ['say "so"', "a, b", " ", "two\nlines", "=1+1", "한국어"]


def value_of(text: str) -> float:
    return float(text.replace("−", "-"))


@given(st.floats(-1e300, 1e300).filter(lambda value: value == 0 or abs(value) > 1e-300))
def test_numbers_have_three_significant_digits(value: float) -> None:
    text = written(value)
    assert "-" not in text  # a true minus sign
    assert len(text) <= 10
    assert value_of(text) == pytest.approx(value, rel=5.01e-3)
    digits = re.sub(r"e.*|\D", "", text)
    assert len(digits.lstrip("0")) == 3 or set(digits.lstrip("0")[3:]) <= {"0"}


@given(st.floats(-60, 60))
def test_ratios_have_three_significant_digits_as_long_as_they_can_be_imagined(logarithm: float) -> None:
    text = written_ratio(logarithm)
    if math.exp(logarithm) > 1e9:
        assert text == "> 1e9"
    elif math.exp(-logarithm) > 1e9:
        assert text == "< 1e−9"
    else:
        assert value_of(text) == pytest.approx(math.exp(logarithm), rel=5.01e-3)


@pytest.mark.parametrize(
    ("logarithm", "text"),
    [(0.0, "1"), (math.log(2), "2.00"), (1e308, "> 1e9"), (math.inf, "> 1e9"), (-math.inf, "< 1e−9"), (math.nan, "–")],
)
def test_ratios_as_they_are_written(logarithm: float, text: str) -> None:
    assert written_ratio(logarithm) == text


@given(st.floats(1e-290, 1e300))
def test_the_end_of_the_scale_holds_the_value_and_is_not_far_from_it(value: float) -> None:
    end = rounded_up(value)
    assert value * (1 - 1e-8) <= end <= value * 1.52
    assert len(re.sub(r"e.*|\D", "", f"{end:.6g}").strip("0")) <= 2


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_without_a_weight_the_scale_still_has_ends(value: float) -> None:
    assert rounded_up(value) == 1.0


def test_levels_keep_sign_and_order_and_mark_what_is_no_number() -> None:
    values = np.array([-np.inf, -2.0, -1.0, 0.0, 0.5, 2.0, 9.0, np.nan])
    levels = levels_of(values, 2.0)
    assert levels[[0, 1, 3, 5, 6, 7]].tolist() == [0, 0, NEUTRAL, 254, 254, NO_NUMBER]
    assert (np.diff(levels[:-1].astype(int)) >= 0).all()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.integers(1, 12), st.integers(0, 9))
def test_of_a_block_the_strongest_is_seen(height: int, width: int, most_high: int, most_wide: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    found = strongest(levels, most_high, most_wide)
    assert found.shape == (min(height, most_high), min(width, most_wide))
    distance = np.abs(levels.astype(int) - NEUTRAL)
    assert np.abs(found.astype(int) - NEUTRAL).max() == distance.max()
    if height <= most_high and width <= most_wide:
        np.testing.assert_array_equal(found, levels)


def made(names: list[str], *, standardize: bool = True) -> LoadedData:
    """As many features as classes, both of the same names; the last feature is constant."""
    rng = np.random.default_rng(0)
    n = len(names)
    X = rng.normal(5.0, 2.0, size=(10 * n, n))
    X[:, -1] = 3.0
    columns = {name: X[:, j] for j, name in enumerate(names)}
    frame = pl.DataFrame({**columns, "target": [names[i % n] for i in range(10 * n)]})
    return load_data(Table("made", frame), "target", PreparationConfig(standardize=standardize), None, None)


def shown_of(
    loaded: LoadedData, view: View, theta: np.ndarray | None = None, sort: int | str = "table", reference: int = 0
) -> ShownWeights:
    network = network_for(loaded.data, TrainingConfig())
    if theta is None:
        theta = np.random.default_rng(1).normal(size=network.n_parameters)
    return work_out(
        Wish(loaded, network, theta, loaded.dataset.class_names, view, reference, sort, view is View.WEIGHTS)
    )


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("sort", ["table", "largest", 1])
def test_csv_gives_back_every_number_and_name_to_the_last_bit(view: View, sort: int | str) -> None:
    loaded = made(NAMES)
    shown = shown_of(loaded, view, sort=sort)
    text = as_csv(shown, "bias")
    assert text.count("\r\n") == len(NAMES) + 2
    header, bias, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == ["feature", *loaded.dataset.class_names]
    assert bias[0] == "bias"
    assert [row[0] for row in rows] == [loaded.dataset.feature_names[j] for j in shown.order]
    found = np.array([bias[1:], *(row[1:] for row in rows)], dtype=float)
    expected = np.vstack([shown.bias, shown.values[shown.order]])
    if view is View.ODDS_RATIOS:
        np.testing.assert_allclose(found, np.exp(expected), rtol=1e-15)
    else:
        np.testing.assert_array_equal(found, expected)


def test_csv_says_what_no_float_can_hold() -> None:
    loaded = made(["a", "b"], standardize=False)
    theta = np.array([0.0, 0.0, 1000.0, -1000.0, 0.0, np.nan])
    rows = list(csv.reader(io.StringIO(as_csv(shown_of(loaded, View.ODDS_RATIOS, theta), "odds at 0"))))
    assert [row[2] for row in rows[1:]] == ["nan", "exp(1000.0)", "exp(-1000.0)"]


def test_order_of_features() -> None:
    loaded = made(["a", "b", "c"], standardize=False)
    W = np.array([[1.0, 0.0, -5.0], [2.0, -3.0, 0.0], [0.0, 4.0, 1.0]])  # features by classes
    theta = np.concatenate([W.T.ravel(), np.zeros(3)])
    orders = {sort: shown_of(loaded, View.WEIGHTS, theta, sort).order.tolist() for sort in ("table", "largest", 0, 2)}
    assert orders == {"table": [0, 1, 2], "largest": [0, 2, 1], 0: [1, 0, 2], 2: [2, 1, 0]}


@pytest.mark.parametrize("size", [1e-12, 0.004, 0.3, 1.0, 5.0, 20.0, 800.0])
@pytest.mark.parametrize("view", View)
def test_numbers_of_the_colour_bar_rise_evenly_and_are_told_apart(view: View, size: float) -> None:
    loaded = made(["a", "b", "c"])
    theta = size * np.random.default_rng(2).uniform(-1, 1, size=12)
    places, texts = zip(*marks(shown_of(loaded, view, theta)), strict=True)
    values = [value_of(text) for text in texts]
    assert len(set(texts)) == len(texts)
    assert list(places) == sorted(places)
    assert values == sorted(values)
    assert values[len(values) // 2] == (1.0 if view is View.ODDS_RATIOS else 0.0)
    ends = (1 / values[0], values[-1]) if view is View.ODDS_RATIOS else (-values[0], values[-1])
    assert ends[0] == pytest.approx(ends[1], rel=2e-2)
    assert values[-1] <= 1e9 or view is not View.ODDS_RATIOS


def test_bias_has_a_colour_where_it_has_the_unit_of_the_weights() -> None:
    loaded = made(["a", "b"])
    theta = np.array([0.1, 0.2, -0.1, -0.2, 4.0, -4.0])
    weights, coefficients = shown_of(loaded, View.WEIGHTS, theta), shown_of(loaded, View.COEFFICIENTS, theta)
    assert weights.limit == 4.0
    assert weights.bias_levels.tolist() == [254, 0]
    assert coefficients.limit < 0.5
    assert coefficients.bias_levels.tolist() == [NEUTRAL, NEUTRAL]


@pytest.mark.parametrize("view", View)
def test_weights_of_a_diverged_training_raise_nothing(view: View) -> None:
    loaded = made(["a", "b"])
    for theta in (np.full(6, np.nan), np.array([np.inf, -np.inf, 0.0, 1.0, 0.0, 0.0])):
        shown = shown_of(loaded, view, theta, "largest")
        assert shown.diverged
        assert np.isfinite(shown.limit)
        assert math.isfinite(value_of(marks(shown)[-1][1]))
