"""The plots of a training as pictures, without a display."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from engine.decision_regions import PrincipalComponents
from engine.runs.files import FinishedRun
from gui.image_export import Taken, take
from gui.loading import LoadedData
from gui.pictures.formats import PictureRequest
from gui.plot_catalogue import PLOTS
from gui.plots.base import Plot
from gui.run_view import FinishedRunView
from gui.theme import LIGHT, load_fonts

SIZE = (760, 520)


def pictures(run: FinishedRun, request: PictureRequest) -> Iterator[tuple[str, bytes]]:
    """Yield the file name and the picture of each plot of ``run``, one after another."""
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication.instance() or QApplication(["softmax-lab"])  # held: without it no widget may live
    load_fonts()
    loaded = LoadedData(run.table, run.data, PrincipalComponents.of(run.data), run.key, run.generator)
    session = FinishedRunView(loaded, run.config, run.history)
    with _no_warnings():
        plots = [make(session) for make in PLOTS]
    try:
        # While one is painted, the last one is compressed.
        with ThreadPoolExecutor(1, "picture") as encoder:
            encoded = [(plot, encoder.submit(_taken(plot, request).encode)) for plot in plots if plot.has_picture]
            for plot, picture in encoded:
                yield f"{plot.key}.{request.format.suffix}", picture.result()
    finally:
        # Deleted together and at once: left to the garbage collector, they could outlive what they draw on.
        for plot in plots:
            plot.close()
            plot.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _taken(plot: Plot, request: PictureRequest) -> Taken:
    with _no_warnings():
        plot.set_theme(LIGHT)  # its fonts settle the room that the axes take
        plot.resize(*SIZE)
        plot.show()
        QCoreApplication.processEvents()  # the axes find their widths only now
        return take(plot, request.format, request.options)


def _no_warnings() -> np.errstate:
    """Numbers near the end of float64 may overflow on the way to a pixel; they are out of the picture then."""
    return np.errstate(over="ignore", invalid="ignore")
