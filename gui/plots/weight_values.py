"""The numbers that the plot of the weights shows, made ready: chosen view, order, colours, and how they are written."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.analysis.coefficients import by_column, by_largest, in_original_units, log_odds_ratios
from engine.arrays import IntArray, RealArray
from engine.network import Layer, Network
from gui.loading import LoadedData
from gui.plots.weight_colours import Levels, levels_of, rounded_up, strongest

LARGEST_RATIO = 1e9
OVERVIEW = (384, 640)  # cells of the picture of everything, at most
_LEAST_RATIO_AT_END = 1.01


class View(Enum):
    """Which numbers are shown."""

    WEIGHTS = "weights"
    COEFFICIENTS = "coefficients"
    ODDS_RATIOS = "odds_ratios"


class Wish(NamedTuple):
    """What is to be shown; ``units`` are the names of the classes, or of the units of the first hidden layer.

    ``sort`` is a column, "table" or "largest", ``reference`` a class; ``colours_bias`` tells whether the bias is on the
    same scale of colours as the weights.
    """

    loaded: LoadedData
    network: Network
    theta: RealArray
    units: tuple[str, ...]
    view: View
    reference: int
    sort: int | str
    colours_bias: bool

    def same(self, other: Wish | None) -> bool:
        """Whether ``other`` asks for the very same numbers."""
        return (
            other is not None
            and self.loaded is other.loaded
            and self.theta is other.theta
            and self.network == other.network
            and self[3:] == other[3:]
        )


@dataclass(frozen=True, slots=True, eq=False)
class ShownWeights:
    """Values (D, U) and bias (U,) of the U units of the first layer; of odds ratios their logarithms.

    ``order`` (D,) says which feature stands first, second and so on; ``levels`` (D, U) and ``bias_levels`` (U,) are
    colours, features as they stand in the table; ``overview`` is of everything, in the order shown. ``limit`` is the
    end of the colour scale. ``constant`` (D,) tells which features the standardiser has taken out. ``diverged`` tells
    whether the weights themselves are not finite, ``finite`` whether what was made of them is.
    """

    wish: Wish
    values: RealArray
    bias: RealArray
    order: IntArray
    limit: float
    levels: Levels
    bias_levels: Levels
    overview: Levels
    constant: NDArray[np.bool_]
    finite: bool
    diverged: bool
    all_zero: bool

    @property
    def n_features(self) -> int:
        """D."""
        return len(self.values)

    @property
    def n_units(self) -> int:
        """U: the classes, or the units of the first hidden layer."""
        return len(self.bias)

    def write(self, value: float) -> str:
        """A value as a cell holds it."""
        return written_ratio(value) if self.wish.view is View.ODDS_RATIOS else written(value)


def work_out(wish: Wish) -> ShownWeights:
    """Make ready what ``wish`` asks for; safe on any thread."""
    layer = wish.network.layers(wish.theta)[0]
    standardizer = wish.loaded.data.preprocessor.standardizer
    if wish.view is View.COEFFICIENTS:
        shown = in_original_units(layer, standardizer)
    elif wish.view is View.ODDS_RATIOS:
        shown = log_odds_ratios(layer, standardizer, wish.reference)
    else:
        shown = Layer(layer.weights.astype(np.float64), layer.bias.astype(np.float64))
    values, bias = shown
    finite = bool(np.isfinite(values).all() and np.isfinite(bias).all())
    diverged = not finite and not bool(np.isfinite(wish.theta).all())
    largest = max(_largest(values), _largest(bias) if wish.colours_bias else 0.0)
    limit = _end_of_ratios(largest) if wish.view is View.ODDS_RATIOS else rounded_up(largest)
    order = _order(values, wish.sort)
    levels = levels_of(values, limit)
    return ShownWeights(
        wish=wish,
        values=values,
        bias=bias,
        order=order,
        limit=limit,
        levels=levels,
        bias_levels=levels_of(bias if wish.colours_bias else np.where(np.isnan(bias), bias, 0.0), limit),
        overview=strongest(levels[order], *OVERVIEW),
        constant=standardizer.constant if standardizer else np.zeros(len(values), dtype=bool),
        finite=finite,
        diverged=diverged,
        all_zero=not values.any() and not bias.any(),
    )


def as_csv(shown: ShownWeights, bias_name: str) -> str:
    """All features in the order shown, the bias first, in full precision (RFC 4180)."""
    number = exact_ratio if shown.wish.view is View.ODDS_RATIOS else repr
    features = shown.wish.loaded.dataset.feature_names
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["feature", *shown.wish.units])
    writer.writerow([bias_name, *map(number, shown.bias.tolist())])
    for feature in shown.order.tolist():
        writer.writerow([features[feature], *map(number, shown.values[feature].tolist())])
    return text.getvalue()


def written(value: float) -> str:
    """Three significant digits, with a true minus sign."""
    if not math.isfinite(value):
        return _no_number(value)
    if value == 0.0:
        return "0"
    size = abs(value)
    if not 1e-3 <= size < 99_950:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    text = f"{value:#.3g}" if size < 999.5 else f"{float(f'{value:.3g}'):.0f}"
    return text.removesuffix(".").replace("-", "−")


def written_ratio(logarithm: float) -> str:
    """The ratio of that logarithm with three significant digits; beyond a thousand million on which side it lies."""
    if math.isnan(logarithm):
        return "–"
    if logarithm > math.log(LARGEST_RATIO):
        return "> 1e9"
    if logarithm < -math.log(LARGEST_RATIO):
        return "< 1e−9"
    ratio = math.exp(logarithm)
    return "1" if logarithm == 0.0 else written(ratio)


def exact_ratio(logarithm: float) -> str:
    """The ratio of that logarithm in full precision; where float64 cannot hold it, as a power: exp(1000.0)."""
    if math.isnan(logarithm) or abs(logarithm) < 700.0:
        return repr(math.exp(logarithm))
    return f"exp({logarithm!r})"


def marks(shown: ShownWeights) -> list[tuple[float, str]]:
    """Places from -1 to 1 on the colour bar, with their numbers."""
    places: tuple[float, ...] = (-1.0, -0.5, 0.0, 0.5, 1.0)
    if shown.wish.view is View.ODDS_RATIOS and math.exp(shown.limit) < 1.5:
        places = (-1.0, 0.0, 1.0)
    numbers = (place * shown.limit for place in places)
    if shown.wish.view is View.ODDS_RATIOS:
        numbers = (math.exp(number) for number in numbers)
    texts = (f"{number:.3g}".replace("e+0", "e").replace("e-0", "e-").replace("-", "−") for number in numbers)
    return list(zip(places, texts, strict=True))


def _largest(values: RealArray) -> float:
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))


def _order(values: RealArray, sort: int | str) -> IntArray:
    if isinstance(sort, int):
        return by_column(values[:, sort])
    return by_largest(values) if sort == "largest" else np.arange(len(values))


def _end_of_ratios(largest: float) -> float:
    """A logarithm not below ``largest`` whose ratio has few digits, as long as that is at most a thousand million."""
    if largest >= math.log(LARGEST_RATIO):
        return math.log(LARGEST_RATIO)
    ratio = math.exp(largest)
    if ratio < 2.0:
        ratio = 1.0 + rounded_up(math.expm1(largest))
    else:
        ratio = rounded_up(ratio) if ratio <= 10.0 else 10.0 ** math.ceil(math.log10(ratio) - 1e-9)
    return math.log(max(ratio, _LEAST_RATIO_AT_END))


def _no_number(value: float) -> str:
    return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
