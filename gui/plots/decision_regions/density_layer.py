"""Examples too many for markers, as a picture of how dense they lie."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.data.dataset import Dataset
from engine.decision_regions import Window
from gui.plots.decision_regions.items import put_image
from gui.plots.decision_regions.picture import draw_density
from gui.plots.decision_regions.resolution import density_cells
from gui.plots.one_at_a_time import OneAtATime
from gui.run_view import RunView
from gui.theme import Theme


class DensityLayer:
    """An image of the density, worked out in the background and only when examples, view or colours change."""

    def __init__(self, session: RunView) -> None:
        self.item = pg.ImageItem(axisOrder="row-major")
        self._work = OneAtATime(session, "decision_regions_density")
        self._dataset: Dataset | None = None
        self._columns: FloatArray = np.empty((2, 0))
        self._wanted: tuple[object, ...] = ()
        self._shown: tuple[NDArray[np.uint8], Window] | None = None

    @property
    def busy(self) -> bool:
        """Whether what is shown is about to be replaced."""
        return self._work.busy

    def lay_out(self, dataset: Dataset, columns: FloatArray) -> None:
        """Draw the examples of ``dataset`` at ``columns`` (2, N) from now on."""
        self._work.forget()
        self._dataset, self._columns, self._wanted, self._shown = dataset, columns, (), None

    def draw(self, window: Window, view: pg.ViewBox, theme: Theme) -> None:
        """Show the density in ``window``, at once on paper, else as soon as it is there."""
        dataset = self._dataset
        if dataset is None:
            return
        size = density_cells(view.width(), view.height(), dataset.n_classes, for_paper=theme.for_paper)
        work = partial(
            draw_density, self._columns, dataset.y, dataset.n_classes, window, size, dark=theme.name == "dark"
        )
        if theme.for_paper:
            put_image(self.item, work(), window)
            return
        wanted = (window, size, theme.name)
        if wanted != self._wanted:
            self._wanted = wanted
            self._work.ask(work, lambda rgba: self._take(rgba, window))

    def bring_back(self) -> None:
        """Show what was there before a picture for paper."""
        if self._shown is not None:
            put_image(self.item, *self._shown)

    def _take(self, rgba: NDArray[np.uint8], window: Window) -> None:
        self._shown = (rgba, window)
        put_image(self.item, rgba, window)
