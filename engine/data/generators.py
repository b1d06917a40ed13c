"""Synthetic data sets of two features, drawn from a seed: the shapes on which borders between classes can be watched.

Lengths are in units of the axes; the same key, configuration and NumPy give the same points to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray
from engine.errors import DataError, SettingError
from engine.specs import IntegerSpec, RealSpec, Spec, check_all
from engine.suggestions import did_you_mean

if TYPE_CHECKING:
    from engine.data.table import Table

FEATURE_NAMES = ("x₁", "x₂")
TARGET = "class"
_LETTERS = tuple("ABCDEFGHIJ")

_N_POINTS = IntegerSpec(
    key="n_points",
    label="Points",
    help="How many points are drawn in all. The classes share them equally.",
    default=300,
    low=20,
    high=100_000,
    scale="log",
)
_GENERATOR_SEED = IntegerSpec(
    key="generator_seed",
    label="Data seed",
    help="Start value of the random numbers the points are drawn with. The same seed draws the same points again.",
    default=0,
    low=0,
    high=2**31 - 1,
)


def _class_count_spec(low: int, high: int, default: int) -> IntegerSpec:
    return IntegerSpec(
        key="class_count",
        label="Classes",
        help="How many classes there are to tell apart.",
        default=default,
        low=low,
        high=high,
    )


def _noise_spec(default: float) -> RealSpec:
    return RealSpec(
        key="noise",
        label="Noise",
        help="Standard deviation of the random shift of each point, in units of the axes. "
        "With 0 every point lies exactly where its class puts it; the more noise, the more the classes overlap.",
        default=default,
        low=0.0,
        high=1.0,
    )


GENERATOR_SPECS: tuple[Spec, ...] = (_N_POINTS, _class_count_spec(2, 10, 3), _noise_spec(0.2), _GENERATOR_SEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig:
    """What a generator draws; ``Generator.default_config`` has the values that suit it.

    Raises SettingError where a value is outside what any generator allows.
    """

    n_points: int = 300
    class_count: int = 3
    noise: float = 0.2
    generator_seed: int = 0

    def __post_init__(self) -> None:
        check_all(GENERATOR_SPECS, self)


Draw: TypeAlias = Callable[[np.random.Generator, IntArray, int], FloatArray]
"""(random numbers, labels (N,), class count C) -> points (N, 2) before noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """One synthetic data set: its words, its limits and the rule that places its points."""

    key: str
    title: str
    description: str
    classes: tuple[int, int]
    default_classes: int
    default_noise: float
    draw: Draw
    labels: tuple[str, ...] = _LETTERS

    @property
    def specs(self) -> tuple[Spec, ...]:
        """The settings this generator has, with its own limits and defaults; no class count where it is fixed."""
        low, high = self.classes
        count = (_class_count_spec(low, high, self.default_classes),) if low < high else ()
        return (_N_POINTS, *count, _noise_spec(self.default_noise), _GENERATOR_SEED)

    @property
    def default_config(self) -> GeneratorConfig:
        """The configuration that shows this generator at its best."""
        return GeneratorConfig(class_count=self.default_classes, noise=self.default_noise)

    def check(self, config: GeneratorConfig) -> None:
        """Raise SettingError where ``config`` asks for more or fewer classes than this generator has."""
        low, high = self.classes
        if low == high != config.class_count:
            raise SettingError("class_count", f"{self.title} always has {low} classes, not {config.class_count}.")
        _class_count_spec(low, high, self.default_classes).check(config.class_count)


def generate(key: str, config: GeneratorConfig | None = None) -> Table:
    """Draw the points of generator ``key``: columns x₁, x₂ and class, one row a point, classes taking turns.

    Raises DataError for an unknown key and SettingError where ``config`` has a class count the generator has not.
    """
    import polars as pl  # here, because it takes a tenth of a second that a look into the gallery need not wait for

    from engine.data.table import Table

    generator = find_generator(key)
    config = config or generator.default_config
    points, y = draw_points(generator, config)
    names = generator.labels[: config.class_count]
    columns = {name: points[:, axis] for axis, name in enumerate(FEATURE_NAMES)}
    frame = pl.DataFrame(columns | {TARGET: pl.Series([names[label] for label in y], dtype=pl.Enum(names))})
    return Table(name=generator.title, frame=frame, notes=())


def find_generator(key: str) -> Generator:
    """Return the generator of that key; raise DataError, with the nearest key, where there is none."""
    if key not in GENERATORS:
        raise unknown_key("generator", key, GENERATORS)
    return GENERATORS[key]


def unknown_key(kind: str, key: str, known: Iterable[str]) -> DataError:
    """Return the error that says ``key`` is none of the ``known`` keys and names the nearest of them."""
    keys = list(known)
    return DataError(f"There is no {kind} “{key}”; there are {', '.join(keys)}.{did_you_mean(key, keys)}")


def draw_points(generator: Generator, config: GeneratorConfig) -> tuple[FloatArray, IntArray]:
    """Return points (N, 2) and labels (N,) in 0..C-1, whose classes differ in size by at most one."""
    generator.check(config)
    random = np.random.default_rng(config.generator_seed)
    y = np.arange(config.n_points, dtype=np.int64) % config.class_count
    points = generator.draw(random, y, config.class_count)
    return points + config.noise * random.standard_normal(points.shape), y


def _polar(radius: NDArray[Any] | float, angle: NDArray[Any]) -> FloatArray:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _blobs(random: np.random.Generator, y: IntArray, C: int) -> FloatArray:
    """Centres on a circle, neighbours 2 apart whatever C is."""
    return _polar(1 / math.sin(math.pi / C), 2 * np.pi * y / C)


def _cats_dogs(random: np.random.Generator, y: IntArray, C: int) -> FloatArray:
    """The class "other" in the middle, the three animals around it."""
    centres = np.array([[0.0, 0.0], [-1.8, 1.0], [1.8, 1.0], [0.0, -2.0]])
    return centres[y]


def _circles(random: np.random.Generator, y: IntArray, C: int) -> FloatArray:
    """Rings of radius 1, 2, ..., C."""
    return _polar(y + 1.0, random.uniform(0, 2 * np.pi, len(y)))


def _xor(random: np.random.Generator, y: IntArray, C: int) -> FloatArray:
    """Class A where the signs of x₁ and x₂ agree, class B where they differ."""
    points = random.uniform(0.1, 2.0, (len(y), 2))
    side = 1 - 2 * (np.arange(len(y)) // 2 % 2)
    return points * np.stack([side, side * (1 - 2 * y)], axis=1)


def _spirals(random: np.random.Generator, y: IntArray, C: int) -> FloatArray:
    """C arms of one and a quarter turns, 1 apart; the square root spreads the points evenly along an arm."""
    turns = 1.25
    way = np.sqrt(random.uniform(0.02, 1, len(y)))
    return _polar(turns * C * way, 2 * np.pi * (turns * way + y / C))


_ALL = (
    Generator(
        key="blobs",
        title="Blobs",
        description="Round clouds in a circle: straight borders are enough.",
        classes=(2, 10),
        default_classes=3,
        default_noise=0.4,
        draw=_blobs,
    ),
    Generator(
        key="cats_dogs",
        title="Cats, dogs, baby chicks, other",
        description="The course's four classes as synthetic clouds of points; no animal was measured.",
        classes=(4, 4),
        default_classes=4,
        default_noise=0.45,
        draw=_cats_dogs,
        labels=("other", "cat", "dog", "baby chick"),
    ),
    Generator(
        key="circles",
        title="Circles",
        description="Rings around a common centre: no straight border separates them.",
        classes=(2, 5),
        default_classes=2,
        default_noise=0.15,
        draw=_circles,
    ),
    Generator(
        key="xor",
        title="XOR",
        description="Two classes in opposite quarters of the plane: no straight border separates them.",
        classes=(2, 2),
        default_classes=2,
        default_noise=0.1,
        draw=_xor,
    ),
    Generator(
        key="spirals",
        title="Spirals",
        description="Arms wound around each other: the hardest shape for a small network.",
        classes=(2, 5),
        default_classes=2,
        default_noise=0.1,
        draw=_spirals,
    ),
)
GENERATORS: dict[str, Generator] = {generator.key: generator for generator in _ALL}
