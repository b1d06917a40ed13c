"""From a chosen source to data ready for training, in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QObject

from engine.data.dataset import Dataset
from engine.data.encoding import encode
from engine.data.generators import GeneratorConfig
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.data.table import Table
from engine.decision_regions import PrincipalComponents
from gui.background import BackgroundJob


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
    table: Table, target: str | None, preparation: PreparationConfig, key: str | None, generator: GeneratorConfig | None
) -> LoadedData:
    """A table, encoded (with the target it suggests, where none is given) and prepared; raises EngineError."""
    return prepare_loaded(table, encode(table, target), preparation, key, generator)


def prepare_loaded(
    table: Table, dataset: Dataset, preparation: PreparationConfig, key: str | None, generator: GeneratorConfig | None
) -> LoadedData:
    """An encoded table, prepared and with its principal components."""
    # A table can hold numbers whose arithmetic overflows; what comes of it is seen in training, not warned about.
    with np.errstate(all="ignore"):
        data = prepare(dataset, preparation)
        return LoadedData(table, data, PrincipalComponents.of(data), key, generator)


_PATIENCE_SECONDS = 0.2

Work: TypeAlias = Callable[[PreparationConfig], LoadedData]


class Loader(QObject):
    """One loading at a time; a new one takes the place of the last, whose result is forgotten."""

    def __init__(
        self, done: Callable[[LoadedData], None], failed: Callable[[Exception], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._done = done
        self._failed = failed
        self._work: Work | None = None
        self._job: BackgroundJob[LoadedData] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self._work is not None

    def start(self, work: Work, preparation: PreparationConfig) -> None:
        """Do ``work`` in the background."""
        if self._job is not None:
            self._job.cancel()
        self._work = work
        self._job = BackgroundJob(lambda: work(preparation), self._finish, self._fail, self)

    def restart(self, preparation: PreparationConfig) -> bool:
        """Prepare what is on its way in another way; False where nothing is."""
        if self._work is None:
            return False
        self.start(self._work, preparation)
        return True

    def close(self) -> None:
        """Forget what is on its way; a thread that does not end soon is left to end with the program."""
        if self._job is not None:
            self._job.cancel()
            self._job.join(_PATIENCE_SECONDS)
        self._job = self._work = None

    def _finish(self, loaded: LoadedData) -> None:
        self._job = self._work = None
        self._done(loaded)

    def _fail(self, error: Exception) -> None:
        self._job = self._work = None
        self._failed(error)
