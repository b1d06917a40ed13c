"""From a chosen source to data ready for training, and what the plots need of it beside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.dataset import Dataset
from engine.data.encoding import encode
from engine.data.generators import GeneratorConfig
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.data.table import Table
from engine.decision_regions import PrincipalComponents


@dataclass(frozen=True, slots=True, eq=False)
class LoadedData:
    """A table, and what became of it; ``key`` is its name in the gallery, or None for a file."""

    table: Table
    data: PreparedData
    components: PrincipalComponents
    key: str | None
    generator: GeneratorConfig | None

    @property
    def dataset(self) -> Dataset:
        """The encoded data set."""
        return self.data.dataset


def load_data(
    table: Table, target: str, preparation: PreparationConfig, key: str | None, generator: GeneratorConfig | None
) -> LoadedData:
    """A table, encoded and prepared; EngineError where it cannot be used."""
    return prepare_loaded(table, encode(table, target), preparation, key, generator)


def prepare_loaded(
    table: Table, dataset: Dataset, preparation: PreparationConfig, key: str | None, generator: GeneratorConfig | None
) -> LoadedData:
    """An encoded table, prepared and with its principal components."""
    # A table can hold numbers whose arithmetic overflows; what comes of it is seen in training, not warned about.
    with np.errstate(all="ignore"):
        data = prepare(dataset, preparation)
        return LoadedData(table, data, PrincipalComponents.of(data), key, generator)
