"""Everything that can be trained on without opening a file: bundled data sets and generators, in one catalogue.

``assets/datasets/SOURCES.md`` has the full citation of every bundled file and what was changed in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from engine.data.generators import FEATURE_NAMES, GENERATORS, TARGET, Generator, GeneratorConfig, generate, unknown_key
from engine.errors import DataError

if TYPE_CHECKING:
    from engine.data.table import Table

_CC_BY = "CC BY 4.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryEntry:
    """One data set of the gallery.

    ``n_features`` counts features as they are trained on, after text columns have become indicators.
    Where ``generator`` is set, the counts are those of its default configuration.
    """

    key: str
    title: str
    description: str
    n_examples: int
    n_features: int
    n_classes: int
    target: str
    source: str
    licence: str
    generator: Generator | None = None


_BUNDLED = (
    GalleryEntry(
        key="iris",
        title="Iris",
        description="Three species of iris from the lengths and widths of their sepals and petals.",
        n_examples=150,
        n_features=4,
        n_classes=3,
        target="species",
        source="Fisher (1936), UCI Machine Learning Repository, https://doi.org/10.24432/C56C76",
        licence=_CC_BY,
    ),
    GalleryEntry(
        key="wine",
        title="Wine",
        description="Three grape cultivars from thirteen chemical measurements of their wine.",
        n_examples=178,
        n_features=13,
        n_classes=3,
        target="cultivar",
        source="Aeberhard and Forina (1992), UCI Machine Learning Repository, https://doi.org/10.24432/C5PC7J",
        licence=_CC_BY,
    ),
    GalleryEntry(
        key="breast_cancer",
        title="Breast cancer",
        description="Benign or malignant, from thirty measurements of cell nuclei under the microscope.",
        n_examples=569,
        n_features=30,
        n_classes=2,
        target="diagnosis",
        source="Wolberg and others (1993), UCI Machine Learning Repository, https://doi.org/10.24432/C5DW2B",
        licence=_CC_BY,
    ),
    GalleryEntry(
        key="penguins",
        title="Penguins",
        description="Three species of penguin from measurements, island and sex; some values are missing.",
        n_examples=344,
        n_features=10,
        n_classes=3,
        target="species",
        source="Gorman, Williams and Fraser (2014), palmerpenguins, https://doi.org/10.5281/zenodo.3960218",
        licence="CC0 1.0",
    ),
    GalleryEntry(
        key="digits",
        title="Digits",
        description="Handwritten digits 0 to 9 as images of 8 x 8 pixels.",
        n_examples=1797,
        n_features=64,
        n_classes=10,
        target="digit",
        source="Alpaydin and Kaynak (1998), UCI Machine Learning Repository, https://doi.org/10.24432/C50P49",
        licence=_CC_BY,
    ),
)


def _generated(generator: Generator) -> GalleryEntry:
    config = generator.default_config
    return GalleryEntry(
        key=generator.key,
        title=generator.title,
        description=generator.description,
        n_examples=config.n_points,
        n_features=len(FEATURE_NAMES),
        n_classes=config.class_count,
        target=TARGET,
        source="Synthetic: drawn by this program",
        licence="none needed",
        generator=generator,
    )


GALLERY: tuple[GalleryEntry, ...] = (*_BUNDLED, *map(_generated, GENERATORS.values()))


def find_entry(key: str) -> GalleryEntry:
    """Return the gallery's entry of that key; raise DataError, with the nearest key, where there is none."""
    for entry in GALLERY:
        if entry.key == key:
            return entry
    raise unknown_key("bundled data set", key, (entry.key for entry in GALLERY))


def load_entry(key: str, config: GeneratorConfig | None = None) -> Table:
    """Return the table of one entry, named by its title; ``config`` is for generators.

    Raises DataError for an unknown key or a ``config`` beside a bundled file, and SettingError where the generator
    cannot do what ``config`` asks.
    """
    entry = find_entry(key)
    if entry.generator:
        return generate(key, config)
    if config:
        raise DataError(f"{entry.title} is a bundled file; only generators have settings.")
    from engine.data.table import read_table  # here, because it imports polars; see generate

    with as_file(files("assets").joinpath("datasets", f"{key}.csv")) as path:
        return replace(read_table(path), name=entry.title)
